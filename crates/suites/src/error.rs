//! What can go wrong with trainings that belong together.

use std::path::PathBuf;

/// Trainings that cannot begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A run of other settings is where this one should be.
    #[error("{path} holds a run of {recipe} with other settings", path = path.display())]
    OtherRecipe {
        /// The run that is there.
        path: PathBuf,
        /// The recipe.
        recipe: String,
    },
    /// There are not two methods, one to hold out and one to learn from.
    #[error(
        "{path}: to hold a method out, {recipe} would have to learn from the data's forgeries, by two methods or more",
        path = path.display()
    )]
    NothingToHoldOut {
        /// The data.
        path: PathBuf,
        /// The recipe.
        recipe: String,
    },
    /// A training.
    #[error(transparent)]
    Training(#[from] trainer::Error),
    /// A test.
    #[error(transparent)]
    Evaluation(#[from] evaluation::Error),
    /// The data.
    #[error(transparent)]
    Data(#[from] face_data::Error),
    /// A recipe of a run.
    #[error(transparent)]
    Experiment(#[from] experiment::Error),
}
