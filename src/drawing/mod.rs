//! A person's pen strokes, and the 28×28 image MNIST would hold of them.

/// Where the pen was, in any unit (the page's pad uses CSS pixels); y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// How hard the pen pressed, 0 to 1; a mouse says ½.
    pub pressure: f32,
}

/// The points of one stroke, from pen down to pen up. One point is a dot.
pub type Stroke = Vec<Point>;
