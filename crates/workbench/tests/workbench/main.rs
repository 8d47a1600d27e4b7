//! The workbench as others meet it: by HTTP, with a worker that does what its file says.

mod bench;
mod browser;
mod hostile;
mod worker;
mod working;
