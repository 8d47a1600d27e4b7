//! From clips to a store.

mod full_colour;
mod packed;
mod store;
