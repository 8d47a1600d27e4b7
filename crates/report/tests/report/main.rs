//! Pages and overlays.

mod overlay;
mod page;
