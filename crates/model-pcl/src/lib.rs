//! Patch-wise consistency learning (PCL).
