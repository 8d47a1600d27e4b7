//! PCL beside independent scripts of its equations.

mod equations;
mod golden;
mod model;
