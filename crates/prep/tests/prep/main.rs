//! From clips to a store.

mod packed;
mod store;
