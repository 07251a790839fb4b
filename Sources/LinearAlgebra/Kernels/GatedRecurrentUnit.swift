internal import CVectorKernels

/// The element-wise part of a gated recurrent unit (Cho et al. 2014, arXiv:1406.1078).
///
/// `state = (1 - z) n + z previous` with `r = σ(a_r)`, `z = σ(a_z)`, `n = tanh(x_n + r h_n)`.
/// A row of `gates` is `[x_n, a_r, a_z, h_n]`: the input adds to the first three quarters and the
/// previous state to the last three, so that each is one product of matrices.
public enum GatedRecurrentUnit {
  /// Turns pre-activations into `[n, r, z, h_n]` and writes the next state.
  ///
  /// - Parameters:
  ///   - gates: `[rows, 4 units]`, without gaps.
  ///   - previous: `[rows, units]`.
  ///   - state: `[rows, units]`; may be `previous`'s memory.
  ///   - rows: the number of rows.
  ///   - units: the width of the state.
  public static func forward(
    gates: UnsafeMutablePointer<Float>, previous: UnsafePointer<Float>,
    state: UnsafeMutablePointer<Float>, rows: Int, units: Int
  ) {
    CVectorKernels_gru_forward(rows, units, gates, previous, state)
  }

  /// Turns what ``forward(gates:previous:state:rows:units:)`` left into the gradients of the
  /// pre-activations, and gives the part of the previous state's gradient that skips the gates.
  ///
  /// - Parameters:
  ///   - gates: `[rows, 4 units]`, without gaps.
  ///   - previous: `[rows, units]`.
  ///   - stateGradient: `[rows, units]`.
  ///   - previousGradient: `[rows, units]`; may be `stateGradient`'s memory unless `adding`.
  ///   - adding: whether the part is added to what `previousGradient` holds.
  ///   - rows: the number of rows.
  ///   - units: the width of the state.
  public static func backward(
    gates: UnsafeMutablePointer<Float>, previous: UnsafePointer<Float>,
    stateGradient: UnsafePointer<Float>, previousGradient: UnsafeMutablePointer<Float>,
    adding: Bool, rows: Int, units: Int
  ) {
    CVectorKernels_gru_backward(
      rows, units, gates, previous, stateGradient, previousGradient, adding ? 1 : 0)
  }
}
