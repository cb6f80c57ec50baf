import Foundation
import Tensors

extension KernelCase {
    /// Floats between the end of a row and the next one; nobody may touch them.
    private static let gap = 3

    /// Tiles that lie behind what a row sees, before it, and across it.
    private static func visibleColumns(_ rows: Int, _ columns: Int) -> [Int] {
        [-rows, 1 - rows, (columns - rows) / 2, 1, columns]
    }

    /// Rows of a tile and what lies between them, from what the twin says of the rows.
    private static func strided(_ rows: [[Expected]], gaps: [Float]) -> [Expected] {
        let stride = gaps.count / rows.count
        return rows.indices.flatMap { row in
            rows[row] + gaps[(row * stride + rows[row].count)..<((row + 1) * stride)].map { Expected(Double($0)) }
        }
    }

    private static func tile(_ floats: Floats, _ rows: Int, _ columns: Int) -> Matrix {
        Matrix(floats, rows: rows, columns: columns + gap).columns(0..<columns)
    }

    @Sendable static func attend(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        visibleColumns(rows, columns).flatMap { visible in
            let scores = inputs.normals(rows * (columns + gap))
            let before = scores.array
            let maximum = inputs.normals(rows)
            let total = inputs.positives(rows)
            let correction = inputs.constant(7, rows)
            let expected = (0..<rows).map { row in
                PlainTwins.attend(
                    Array(scores.row(row, columns + gap).prefix(columns)),
                    seen: PlainTwins.seen(row, visible: visible, columns: columns), maximum: maximum[row],
                    total: total[row])
            }
            kernels.attend(
                scores: tile(scores, rows, columns), maximum: maximum, total: total, correction: correction,
                visible: visible)
            return [
                Outcome(scores, strided(expected.map(\.probabilities), gaps: before)),
                Outcome(maximum, expected.map(\.maximum)), Outcome(total, expected.map(\.total)),
                Outcome(correction, expected.map(\.correction)),
            ]
        }
    }

    @Sendable static func attendBackward(
        _ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs
    ) -> [Outcome] {
        visibleColumns(rows, columns).flatMap { visible in
            let scores = inputs.normals(rows * (columns + gap))
            let dp = inputs.normals(rows * (columns + gap))
            let before = (scores: scores.array, dp: dp.array)
            // The largest score, so that probabilities are at most 1, as they are in a model.
            let logSumExp = inputs.place((0..<rows).map { scores.row($0, columns + gap).max() ?? 0 })
            let dots = inputs.normals(rows)
            let expected = (0..<rows).map { row in
                PlainTwins.attendBackward(
                    Array(scores.row(row, columns + gap).prefix(columns)),
                    dp: Array(dp.row(row, columns + gap).prefix(columns)),
                    seen: PlainTwins.seen(row, visible: visible, columns: columns), logSumExp: logSumExp[row],
                    dot: dots[row], scale: 0.125)
            }
            kernels.attendBackward(
                scores: tile(scores, rows, columns), dp: tile(dp, rows, columns), logSumExp: logSumExp, dots: dots,
                scale: 0.125, visible: visible)
            return [
                Outcome(scores, strided(expected.map(\.p), gaps: before.scores)),
                Outcome(dp, strided(expected.map(\.ds), gaps: before.dp)),
            ]
        }
    }

    @Sendable static func finishAttention(
        _ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs
    ) -> [Outcome] {
        let output = inputs.normals(rows * (columns + gap))
        let before = output.array
        let maximum = inputs.normals(rows)
        let total = inputs.positives(rows)
        let logSumExp = inputs.constant(7, rows)
        kernels.finishAttention(tile(output, rows, columns), maximum: maximum, total: total, logSumExp: logSumExp)
        let divided = (0..<rows).map { row in
            before[row * (columns + gap)..<row * (columns + gap) + columns].map {
                Expected(Double($0) / Double(total[row]))
            }
        }
        let sums = (0..<rows).map { PlainTwins.sum([Double(maximum[$0]), log(Double(total[$0]))]) }
        return [Outcome(output, strided(divided, gaps: before)), Outcome(logSumExp, sums)]
    }

    @Sendable static func scaleRows(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let output = inputs.normals(rows * (columns + gap))
        let before = output.array
        let factors = inputs.normals(rows)
        kernels.scaleRows(tile(output, rows, columns), by: factors)
        let expected = (0..<rows).map { row in
            before[row * (columns + gap)..<row * (columns + gap) + columns].map {
                Expected(Double($0) * Double(factors[row]))
            }
        }
        return [Outcome(output, strided(expected, gaps: before))]
    }

    @Sendable static func rowDots(_ kernels: Kernels, _ rows: Int, _ columns: Int, _ inputs: Inputs) -> [Outcome] {
        let a = inputs.normals(rows * (columns + gap))
        let b = inputs.normals(rows * (columns + gap))
        let dots = inputs.constant(7, rows)
        kernels.rowDots(tile(a, rows, columns), tile(b, rows, columns), into: dots)
        let expected = (0..<rows).map { row in
            let pairs = zip(a.row(row, columns + gap), b.row(row, columns + gap)).prefix(columns)
            return PlainTwins.sum(pairs.map { Double($0) * Double($1) })
        }
        return [Outcome(dots, expected)]
    }
}
