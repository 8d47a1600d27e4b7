//! Pictures and manifests in; aligned, normalised face crops with landmarks out.

pub mod geometry;
