import Foundation

/// Runs that are one model, length and seed but for the learning rate and the batch: scans. Only the best run of a scan
/// lies on a law, since the others lack what a better setting would have given them (Porian et al. 2024 tune each size).
enum ScanGroups {
    /// Lengths closer than this share are one: they are cut into whole batches.
    static let sameLength = 0.03
    /// What else must be equal, where the table has it.
    private static let equalColumns = [
        "optimizer", "schedule", "tokenizer", "layers", "width", "heads", "context", "seed_init", "seed_data",
    ]

    /// Places among `points` of the runs that another of their scan beats.
    /// - Parameter rows: the row of the table of each point.
    /// - Throws: `TableError` for a cell of the learning rate or batch that is no number.
    static func beaten(_ points: [FitPoint], rows: [Int], _ table: Table, _ columns: FitColumns) throws -> Set<Int> {
        let varied = try [columns.learningRate, columns.batchTokens].filter(table.hasColumn).map { try table.texts($0) }
        guard !varied.isEmpty else { return [] }
        let equal = try equalColumns.filter(table.hasColumn).map { try table.texts($0) }
        struct Key: Hashable {
            let n: Double
            let d: Double
            let seed: String?
            let others: [String]
        }
        let lengths = lengthsMadeOne(points.map(\.d))
        let groups = Dictionary(grouping: points.indices) { i in
            Key(n: points[i].n, d: lengths[i], seed: points[i].seed, others: equal.map { $0[rows[i]] })
        }
        return groups.values.reduce(into: Set()) { beaten, group in
            guard Set(group.map { i in varied.map { $0[rows[i]] } }).count > 1,
                let best = group.min(by: { points[$0].loss < points[$1].loss })
            else { return }
            // Equal settings stay together: they are repeats and no scan.
            let setting = varied.map { $0[rows[best]] }
            beaten.formUnion(group.filter { i in varied.map { $0[rows[i]] } != setting })
        }
    }

    /// Each length, or the first of those that a chain of steps below `sameLength` leads to.
    static func lengthsMadeOne(_ lengths: [Double]) -> [Double] {
        var first = 0.0
        var last = -Double.infinity
        var one: [Double: Double] = [:]
        for length in Set(lengths).sorted() {
            if length > last * (1 + sameLength) { first = length }
            one[length] = first
            last = length
        }
        return lengths.map { one[$0] ?? $0 }
    }
}
