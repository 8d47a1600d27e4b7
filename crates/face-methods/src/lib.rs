#![doc = include_str!("../README.md")]

mod adm;
mod face_xray;
mod lisiam;
mod meso;
mod method;
mod pcl;
mod toy;

pub use method::{FaceBatch, FaceMethod, Losses};
