//! `wasi:http` for components that import it and never use it, as those that are made of JavaScript do: it is there, and each
//! call of it traps. Chipmunk has none, and does not load them.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};
use wasmtime::{Result, bail};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, IoError};

/// A resource of which there is never one.
struct Nothing;

pub fn refuse<World: 'static>(component: &Component, linker: &mut Linker<World>) -> Result<()> {
    let engine = linker.engine().clone();
    for (name, import) in component.component_type().imports(&engine) {
        if let ComponentItem::ComponentInstance(instance) = import.ty
            && name.starts_with("wasi:http/")
        {
            let mut here = linker.instance(name)?;
            for (export, item) in instance.exports(&engine) {
                stand_in(&mut here, name, export, &item.ty)?;
            }
        }
    }
    Ok(())
}

fn stand_in<World: 'static>(
    here: &mut LinkerInstance<World>,
    from: &str,
    name: &str,
    item: &ComponentItem,
) -> Result<()> {
    match item {
        ComponentItem::ComponentFunc(_) => {
            let called = format!("{from}#{name}");
            here.func_new(name, move |_, _, _, _| bail!("{called} is not there"))
        }
        ComponentItem::Resource(_) => {
            // Those that are of `wasi:io` must be its own.
            let resource = match name {
                "pollable" => ResourceType::host::<DynPollable>(),
                "input-stream" => ResourceType::host::<DynInputStream>(),
                "output-stream" => ResourceType::host::<DynOutputStream>(),
                "io-error" => ResourceType::host::<IoError>(),
                _ => ResourceType::host::<Nothing>(),
            };
            here.resource(name, resource, |_, _| Ok(()))
        }
        _ => Ok(()),
    }
}
