//! Forgeries made from real faces, with their ground-truth masks.
