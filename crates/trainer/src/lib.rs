//! Recipes, batches, the training loop, evaluation and detection: the wiring.
