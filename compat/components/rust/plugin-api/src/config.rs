//! The configuration: what a plugin asks for, and what it was given.

use crate::{ConfigItem, ConfigSchemaItem, ConfigSchemaType, ConfigValue, InitError};

/// Makes the entries of a plugin's configuration, each with its default.
pub struct Schema;

impl Schema {
    pub fn boolean(id: &str, title: &str, default: bool) -> ConfigSchemaItem {
        schema(id, title, ConfigSchemaType::Boolean(default))
    }

    pub fn integer(id: &str, title: &str, default: i32) -> ConfigSchemaItem {
        schema(id, title, ConfigSchemaType::Integer(default))
    }

    pub fn float(id: &str, title: &str, default: f32) -> ConfigSchemaItem {
        schema(id, title, ConfigSchemaType::Float(default))
    }

    pub fn text(id: &str, title: &str, default: &str) -> ConfigSchemaItem {
        schema(id, title, ConfigSchemaType::Text(default.into()))
    }

    pub fn directories(id: &str, title: &str) -> ConfigSchemaItem {
        schema(id, title, ConfigSchemaType::Directories)
    }

    /// Files with one of the given extensions; any file if there are none.
    pub fn files(id: &str, title: &str, extensions: &[&str]) -> ConfigSchemaItem {
        schema(id, title, ConfigSchemaType::Files(texts(extensions)))
    }

    /// One of the options.
    pub fn dropdown(id: &str, title: &str, options: &[&str], default: &str) -> ConfigSchemaItem {
        schema(id, title, ConfigSchemaType::Dropdown((texts(options), default.into())))
    }
}

/// Adds a description to an entry.
pub trait Describe {
    fn describe(self, description: &str) -> Self;
}

impl Describe for ConfigSchemaItem {
    fn describe(mut self, description: &str) -> Self {
        self.description = Some(description.into());
        self
    }
}

fn schema(id: &str, title: &str, input_type: ConfigSchemaType) -> ConfigSchemaItem {
    ConfigSchemaItem { id: id.into(), title: title.into(), description: None, input_type }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| text.to_string()).collect()
}

/// The values that the host gave. Each function fails with an error for the user when there is no value with that id, or one
/// of another type: a host gives a value for every entry that the plugin asked for.
pub struct Config(Vec<ConfigItem>);

impl Config {
    pub fn new(items: Vec<ConfigItem>) -> Self {
        Self(items)
    }

    pub fn boolean(&self, id: &str) -> Result<bool, InitError> {
        match self.value(id)? {
            ConfigValue::Boolean(value) => Ok(*value),
            other => Err(wrong_type(id, "a boolean", other)),
        }
    }

    pub fn integer(&self, id: &str) -> Result<i32, InitError> {
        match self.value(id)? {
            ConfigValue::Integer(value) => Ok(*value),
            other => Err(wrong_type(id, "an integer", other)),
        }
    }

    pub fn float(&self, id: &str) -> Result<f32, InitError> {
        match self.value(id)? {
            ConfigValue::Float(value) => Ok(*value),
            other => Err(wrong_type(id, "a float", other)),
        }
    }

    pub fn text(&self, id: &str) -> Result<&str, InitError> {
        match self.value(id)? {
            ConfigValue::Text(value) => Ok(value),
            other => Err(wrong_type(id, "a text", other)),
        }
    }

    pub fn directories(&self, id: &str) -> Result<&[String], InitError> {
        match self.value(id)? {
            ConfigValue::Directories(value) => Ok(value),
            other => Err(wrong_type(id, "directories", other)),
        }
    }

    pub fn files(&self, id: &str) -> Result<&[String], InitError> {
        match self.value(id)? {
            ConfigValue::Files(value) => Ok(value),
            other => Err(wrong_type(id, "files", other)),
        }
    }

    pub fn dropdown(&self, id: &str) -> Result<&str, InitError> {
        match self.value(id)? {
            ConfigValue::Dropdown(value) => Ok(value),
            other => Err(wrong_type(id, "an option", other)),
        }
    }

    /// All values as they came.
    pub fn items(&self) -> &[ConfigItem] {
        &self.0
    }

    fn value(&self, id: &str) -> Result<&ConfigValue, InitError> {
        let found = self.0.iter().find(|item| item.id == id);
        found.map(|item| &item.value).ok_or_else(|| InitError::Config(format!("there is no value for '{id}'")))
    }
}

fn wrong_type(id: &str, expected: &str, actual: &ConfigValue) -> InitError {
    InitError::Config(format!("'{id}' must be {expected}, got {actual:?}"))
}
