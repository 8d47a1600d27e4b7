//! Localization-invariance Siamese network (LiSiam).
