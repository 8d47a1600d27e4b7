#![doc = include_str!("../README.md")]

mod blind;
mod config;
pub mod equations;
mod error;
mod inter;
mod intra;
mod maps;
mod model;
mod placement;
mod time;

pub use blind::BlindSpot;
pub use config::SnippetConfig;
pub use error::SnippetConfigError;
pub use inter::{InterConfig, InterSim, SnippetConv, SnippetConvInit};
pub use intra::{IntraConfig, IntraSim};
pub use maps::{InterMap, IntraMap, SnippetMaps, Weighting};
pub use model::{Snippet, SnippetOutput};
pub use placement::{Modules, Place, Placement, Slot, Turns};
