//! sRGB and CIE L*a*b* (D65, 2 degrees) by tables.

use std::sync::LazyLock;

/// White of D65, and the matrix of IEC 61966-2-1 from linear sRGB to XYZ.
const WHITE: [f32; 3] = [0.950_47, 1.0, 1.088_83];
const TO_XYZ: [[f32; 3]; 3] = [
    [0.412_453, 0.357_580, 0.180_423],
    [0.212_671, 0.715_160, 0.072_169],
    [0.019_334, 0.119_193, 0.950_227],
];
const FROM_XYZ: [[f32; 3]; 3] = [
    [3.240_481_3, -1.537_151_6, -0.498_536_3],
    [-0.969_255, 1.875_990_1, 0.041_555_93],
    [0.055_646_64, -0.204_041_34, 1.057_311],
];

/// Steps of the tables over 0 ..= 1.
const CURVE_STEPS: usize = 4096;
const GAMMA_STEPS: usize = 8192;

struct Tables {
    /// Linear light of each sRGB byte.
    linear: [f32; 256],
    /// CIE's f at `i / CURVE_STEPS`, one step beyond 1 for the interpolation.
    curve: Vec<f32>,
    /// The sRGB byte of the linear light `i / GAMMA_STEPS`.
    byte: Vec<u8>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    linear: std::array::from_fn(|i| {
        let v = i as f64 / 255.0;
        let linear = if v > 0.040_45 {
            ((v + 0.055) / 1.055).powf(2.4)
        } else {
            v / 12.92
        };
        linear as f32
    }),
    curve: (0..CURVE_STEPS + 2)
        .map(|i| {
            let t = i as f64 / CURVE_STEPS as f64;
            let f = if t > 0.008_856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            };
            f as f32
        })
        .collect(),
    byte: (0..=GAMMA_STEPS)
        .map(|i| {
            let v = i as f64 / GAMMA_STEPS as f64;
            let srgb = if v > 0.003_130_8 {
                1.055 * v.powf(1.0 / 2.4) - 0.055
            } else {
                12.92 * v
            };
            (255.0 * srgb).round() as u8
        })
        .collect(),
});

/// sRGB bytes as L* (0 ..= 100), a* and b* (about -128 ..= 127).
pub fn rgb_to_lab(rgb: [u8; 3]) -> [f32; 3] {
    let tables = &*TABLES;
    let linear = rgb.map(|v| tables.linear[v as usize]);
    let [x, y, z]: [f32; 3] = std::array::from_fn(|i| {
        let t = dot(&TO_XYZ[i], &linear) / WHITE[i] * CURVE_STEPS as f32;
        let cell = (t as usize).min(CURVE_STEPS);
        let (low, high) = (tables.curve[cell], tables.curve[cell + 1]);
        low + (t - cell as f32) * (high - low)
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The nearest sRGB bytes; colours outside the gamut are cut off channel by channel.
pub fn lab_to_rgb([l, a, b]: [f32; 3]) -> [u8; 3] {
    let y = (l + 16.0) / 116.0;
    let f = [y + a / 500.0, y, y - b / 200.0];
    let xyz: [f32; 3] = std::array::from_fn(|i| {
        let t = if f[i] > 0.206_893_03 {
            f[i] * f[i] * f[i]
        } else {
            (f[i] - 16.0 / 116.0) / 7.787
        };
        t * WHITE[i]
    });
    FROM_XYZ.map(|row| {
        let linear = dot(&row, &xyz).clamp(0.0, 1.0);
        TABLES.byte[(linear * GAMMA_STEPS as f32 + 0.5) as usize]
    })
}

fn dot(a: &[f32; 3], b: &[f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
