import Foundation
import Tensors
import Testing

/// Tiles of scores put together as attention does it.
@Suite("Attention tiles")
struct AttentionTileTests {
    /// As before the first tile of a row.
    private static let noMaximum = -Float.greatestFiniteMagnitude
    /// Sums of at most 100 terms in two orders, and e^x twice.
    private static let roundings = 32.0

    @Test("the running maximum over two tiles gives what one tile gives", arguments: KernelSet.supported)
    func twoTilesAreOne(set: KernelSet) {
        let kernels = Kernels(set)
        let rows = 9
        let columns = 70
        for split in [1, 16, 33, 64, 69] {
            // Row r sees 62 + r columns: the last tile is partly hidden, and for split 69 wholly in its first rows.
            let visible = columns - rows + 1
            let whole = Inputs(start: split, scale: 5)
            let cut = Inputs(start: split, scale: 5)
            let (one, two) = (Running(whole, rows), Running(cut, rows))
            let scores = Matrix(whole.normals(rows * columns), rows: rows, columns: columns)
            let again = Matrix(cut.normals(rows * columns), rows: rows, columns: columns)
            one.attend(kernels, scores, visible: visible)
            two.attend(kernels, again.columns(0..<split), visible: visible)
            two.attend(kernels, again.columns(split..<columns), visible: visible - split)
            #expect(one.maximum.array == two.maximum.array)
            for row in 0..<rows {
                let total = Double(one.total[row])
                #expect(abs(Double(two.total[row]) - total) <= Self.roundings * Outcome.rounding * total)
                // What the first tile gave counts with the correction that the second one found.
                for column in 0..<columns {
                    let factor = column < split ? Double(two.correction[row]) : 1
                    let p = Double(scores.row(row)[column])
                    let q = Double(again.row(row)[column]) * factor
                    #expect(abs(p - q) <= Self.roundings * Outcome.rounding)
                }
            }
        }
    }

    @Test("a wholly hidden row of a tile changes nothing", arguments: KernelSet.supported)
    func hiddenRows(set: KernelSet) {
        let inputs = Inputs()
        let maximum = inputs.normals(3)
        let total = inputs.positives(3)
        let correction = inputs.constant(7, 3)
        let before = (maximum.array, total.array)
        let scores = Matrix(inputs.normals(3 * 20), rows: 3, columns: 20)
        Kernels(set).attend(scores: scores, maximum: maximum, total: total, correction: correction, visible: -2)
        #expect(scores.floats.array.allSatisfy { $0 == 0 })
        #expect(maximum.array == before.0 && total.array == before.1 && correction.array == [1, 1, 1])
    }

    @Test(
        "scores of minus infinity take no part, and the largest float overflows nothing", arguments: KernelSet.supported
    )
    func extremeScores(set: KernelSet) {
        for hidden in [-Float.infinity, -Float.greatestFiniteMagnitude, -1e30] {
            let inputs = Inputs()
            let state = Running(inputs, 1)
            let scores = inputs.place([hidden, 2, hidden, 2] + Array(repeating: hidden, count: 30))
            state.attend(Kernels(set), Matrix(scores, rows: 1, columns: 34), visible: 34)
            #expect(state.maximum[0] == 2 && abs(state.total[0] - 2) <= 1e-6 && state.correction[0] < 1e-30)
            #expect(abs(scores[1] - 1) <= 1e-6 && scores[0] < 1e-30 && scores[33] < 1e-30)
        }
    }

    @Test("backward probabilities are forward's, divided by their total", arguments: KernelSet.supported)
    func backwardRepeatsForward(set: KernelSet) {
        let kernels = Kernels(set)
        let inputs = Inputs(scale: 3)
        let rows = 5
        let columns = 37
        let state = Running(inputs, rows)
        let forward = Matrix(inputs.normals(rows * columns), rows: rows, columns: columns)
        let backward = Matrix(inputs.place(forward.floats.array), rows: rows, columns: columns)
        let dp = Matrix(inputs.normals(rows * columns), rows: rows, columns: columns)
        state.attend(kernels, forward, visible: 3)
        let logSumExp = inputs.constant(0, rows)
        kernels.finishAttention(forward, maximum: state.maximum, total: state.total, logSumExp: logSumExp)
        kernels.attendBackward(
            scores: backward, dp: dp, logSumExp: logSumExp, dots: inputs.constant(0, rows), scale: 1, visible: 3)
        for (p, q) in zip(forward.floats.array, backward.floats.array) {
            #expect(abs(Double(p) - Double(q)) <= Self.roundings * Outcome.rounding)
        }
    }

    /// What runs over the tiles of some rows.
    private struct Running {
        let maximum, total, correction: Floats

        init(_ inputs: Inputs, _ rows: Int) {
            maximum = inputs.constant(noMaximum, rows)
            total = inputs.constant(0, rows)
            correction = inputs.constant(7, rows)
        }

        func attend(_ kernels: Kernels, _ scores: Matrix, visible: Int) {
            kernels.attend(scores: scores, maximum: maximum, total: total, correction: correction, visible: visible)
        }
    }
}
