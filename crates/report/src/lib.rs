//! Self-contained HTML reports of training and evaluation.
