//! What can go wrong while data are rendered.

/// Data that cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Faces or clips.
    #[error(transparent)]
    Rendering(#[from] fixtures::Error),
    /// The list of the clips.
    #[error(transparent)]
    Listing(#[from] datasets::DatasetError),
    /// The store of their faces.
    #[error(transparent)]
    Store(#[from] prep::PrepError),
    /// A device.
    #[error(transparent)]
    Device(#[from] runtime::DeviceError),
}
