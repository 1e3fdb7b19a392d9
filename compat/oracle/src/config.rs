//! A plugin's configuration: values from text (typed by the plugin's schemas) or from the TOML file of Chipmunk's plugin
//! benchmarks, and the defaults of the schemas for the rest.

use crate::bindings::{ConfigItem, ConfigSchemaItem, ConfigSchemaType, ConfigValue};
use crate::failure::{Failure, Outcome};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Id and text, as on a command line.
pub type Pair = (String, String);

#[derive(Clone, Default)]
pub struct GivenConfig {
    /// Of an id that is given more than once the last counts, but for files and directories all do.
    pub texts: Vec<Pair>,
    pub values: Vec<(String, BenchValue)>,
}

#[derive(Deserialize)]
pub struct BenchFile {
    pub binary_path: Option<PathBuf>,
    #[serde(default)]
    config: Vec<BenchItem>,
}

#[derive(Deserialize)]
struct BenchItem {
    id: String,
    value: BenchValue,
}

#[derive(Clone, Deserialize)]
pub enum BenchValue {
    Boolean(bool),
    Integer(i32),
    Float(f32),
    Text(String),
    Directories(Vec<String>),
    Files(Vec<String>),
    Dropdown(String),
}

impl BenchFile {
    pub fn read(path: &Path) -> Outcome<Self> {
        let fault = |what: String| Failure::new("ERR_CONFIG", format!("{}: {what}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
        toml::from_str(&text).map_err(|error| fault(error.to_string()))
    }

    pub fn values(self) -> Vec<(String, BenchValue)> {
        self.config.into_iter().map(|item| (item.id, item.value)).collect()
    }
}

impl GivenConfig {
    /// A value for every schema, in the schemas' order.
    pub fn resolve(&self, schemas: &[ConfigSchemaItem]) -> Outcome<Vec<ConfigItem>> {
        let ids = self.texts.iter().map(|(id, _)| id).chain(self.values.iter().map(|(id, _)| id));
        for id in ids {
            if !schemas.iter().any(|schema| schema.id == *id) {
                return Err(Failure::new("ERR_CONFIG", format!("configuration '{id}' is unknown")));
            }
        }
        schemas.iter().map(|schema| Ok(ConfigItem { id: schema.id.clone(), value: self.value(schema)? })).collect()
    }

    fn value(&self, schema: &ConfigSchemaItem) -> Outcome<ConfigValue> {
        let texts: Vec<&str> =
            self.texts.iter().filter(|(id, _)| *id == schema.id).map(|(_, text)| text.as_str()).collect();
        if !texts.is_empty() {
            return from_text(schema, &texts);
        }
        match self.values.iter().rev().find(|(id, _)| *id == schema.id) {
            Some((_, value)) => from_bench(schema, value),
            None => Ok(default(&schema.input_type)),
        }
    }
}

fn from_text(schema: &ConfigSchemaItem, texts: &[&str]) -> Outcome<ConfigValue> {
    let last = texts[texts.len() - 1];
    let all = || texts.iter().map(|text| text.to_string()).collect();
    let value = match &schema.input_type {
        ConfigSchemaType::Boolean(_) => last.parse().ok().map(ConfigValue::Boolean),
        ConfigSchemaType::Integer(_) => last.trim().parse().ok().map(ConfigValue::Integer),
        // To 64 bits first, as JavaScript does.
        ConfigSchemaType::Float(_) => last.trim().parse::<f64>().ok().map(|number| ConfigValue::Float(number as f32)),
        ConfigSchemaType::Text(_) => Some(ConfigValue::Text(last.to_string())),
        ConfigSchemaType::Directories => Some(ConfigValue::Directories(all())),
        ConfigSchemaType::Files(_) => Some(ConfigValue::Files(all())),
        ConfigSchemaType::Dropdown((options, _)) => {
            options.iter().any(|option| option == last).then(|| ConfigValue::Dropdown(last.to_string()))
        }
    };
    value.ok_or_else(|| misfit(schema))
}

fn from_bench(schema: &ConfigSchemaItem, value: &BenchValue) -> Outcome<ConfigValue> {
    match (&schema.input_type, value.clone()) {
        (ConfigSchemaType::Boolean(_), BenchValue::Boolean(value)) => Ok(ConfigValue::Boolean(value)),
        (ConfigSchemaType::Integer(_), BenchValue::Integer(value)) => Ok(ConfigValue::Integer(value)),
        (ConfigSchemaType::Float(_), BenchValue::Float(value)) => Ok(ConfigValue::Float(value)),
        (ConfigSchemaType::Text(_), BenchValue::Text(value)) => Ok(ConfigValue::Text(value)),
        (ConfigSchemaType::Directories, BenchValue::Directories(paths)) => Ok(ConfigValue::Directories(paths)),
        (ConfigSchemaType::Files(_), BenchValue::Files(paths)) => Ok(ConfigValue::Files(paths)),
        (ConfigSchemaType::Dropdown((options, _)), BenchValue::Dropdown(value)) if options.contains(&value) => {
            Ok(ConfigValue::Dropdown(value))
        }
        _ => Err(misfit(schema)),
    }
}

fn default(schema: &ConfigSchemaType) -> ConfigValue {
    match schema {
        ConfigSchemaType::Boolean(value) => ConfigValue::Boolean(*value),
        ConfigSchemaType::Integer(value) => ConfigValue::Integer(*value),
        ConfigSchemaType::Float(value) => ConfigValue::Float(*value),
        ConfigSchemaType::Text(value) => ConfigValue::Text(value.clone()),
        ConfigSchemaType::Directories => ConfigValue::Directories(Vec::new()),
        ConfigSchemaType::Files(_) => ConfigValue::Files(Vec::new()),
        ConfigSchemaType::Dropdown((_, value)) => ConfigValue::Dropdown(value.clone()),
    }
}

fn misfit(schema: &ConfigSchemaItem) -> Failure {
    Failure::new("ERR_CONFIG", format!("the value of '{}' does not fit its schema", schema.id))
}
