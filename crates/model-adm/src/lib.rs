//! Artifact detection module (ADM, CADDM).
