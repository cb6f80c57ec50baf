import Checkpoints
import ScalingLaws

extension ColumnFile {
    /// A table with the types and units of our columns; any other column is typed by its cells.
    init(_ table: Table) throws {
        try self.init(
            table.columns.map { column in
                let known = ColumnType.known[column.name]
                let type = known ?? ColumnType(cells: column.cells)
                return Column(name: column.name, unit: type.unit, values: type.values(column.cells))
            }, attributes: [("table", table.source), ("program", "apus \(Version.current)")])
    }
}

/// What the cells of a column are.
private struct ColumnType: Sendable {
    enum Kind: Sendable { case text, integer, number }

    let kind: Kind
    /// As the attribute `unit` says it; "1" for counts of no unit, ratios and indices.
    let unit: String

    init(_ kind: Kind, _ unit: String) {
        self.kind = kind
        self.unit = unit
    }

    /// The narrowest type that holds all cells.
    init(cells: [String]) {
        let filled = cells.filter { !$0.isEmpty }
        if filled.allSatisfy({ Double($0) != nil }) {
            self.init(filled.allSatisfy { Int64($0) != nil } && filled.count == cells.count ? .integer : .number, "1")
        } else {
            self.init(.text, "text")
        }
    }

    /// Missing integers make a column of floats, since only these have a NaN.
    func values(_ cells: [String]) -> ColumnFile.Values {
        switch kind {
        case .text: return .texts(cells)
        case .integer:
            let integers = cells.compactMap { Int64($0) }
            return integers.count == cells.count ? .integers(integers) : .numbers(cells.map { Double($0) ?? .nan })
        case .number: return .numbers(cells.map { Double($0) ?? .nan })
        }
    }

    /// Types do not depend on what stands in the cells: a digest of digits alone stays a text.
    static let known: [String: ColumnType] = {
        var types: [String: ColumnType] = [:]
        let texts = [
            "run", "status", "role", "seed", "optimizer", "schedule", "tokenizer", "config_hash", "cluster",
            "batch_digest",
            "source",
        ]
        for name in texts { types[name] = ColumnType(.text, "text") }
        let integers = [
            "tokens": "tokens", "unique_tokens": "tokens", "batch_tokens": "tokens", "context": "tokens",
            "n_non_embedding": "parameters", "n_with_head": "parameters", "n_total": "parameters", "step": "steps",
            "steps": "steps", "epoch": "1", "seed_init": "1", "seed_data": "1", "layers": "1", "width": "1",
            "heads": "1",
            "sequences": "sequences",
        ]
        for (name, unit) in integers { types[name] = ColumnType(.integer, unit) }
        let numbers = [
            "schedule_fraction": "1", "flops_6nd": "FLOP", "flops_exact": "FLOP", "pf_days": "PF-day",
            "loss_final": "nats/token", "loss_final_se": "nats/token", "loss_best": "nats/token",
            "loss_smoothed": "nats/token", "loss_train": "nats/token", "loss_eval": "nats/token",
            "loss_eval_se": "nats/token", "loss": "nats/token", "loss_se": "nats/token", "bits_per_byte": "bits/byte",
            "bits_per_character": "bits/character", "learning_rate": "1", "gradient_norm": "nats/token",
            "noise_scale": "tokens", "gradient_square": "(nats/token)^2", "gradient_noise": "(nats/token)^2 tokens",
        ]
        for (name, unit) in numbers { types[name] = ColumnType(.number, unit) }
        return types
    }()
}
