//! Intra- and inter-snippet inconsistency of face videos.
