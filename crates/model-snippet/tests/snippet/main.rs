//! The snippet model beside independent scripts of its equations.

mod common;

mod config;
mod golden;
mod learning;
mod model;
mod symmetries;
mod training;
