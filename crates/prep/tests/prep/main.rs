//! From clips to a store.

mod beside;
mod full_colour;
mod packed;
mod store;
