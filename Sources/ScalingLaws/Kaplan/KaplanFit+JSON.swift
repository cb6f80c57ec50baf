extension KaplanFit {
    /// What `apus fit --law kaplan --json` prints, with the keys of every law.
    public func json(dropped: [String] = []) -> String {
        JSONText.document([
            ("law", JSONText.string("kaplan")),
            ("objective", JSONText.number(lines.reduce(0) { $0 + $1.objective })),
            ("n_points", String(points.count)),
            ("parameters", JSONText.object(lines.flatMap(Self.parameters) + jointParameters)),
            ("intervals", JSONText.object(lines.flatMap(Self.intervals))),
            ("standard_errors", JSONText.object(lines.flatMap(Self.standardErrors))),
            // Without a term of its own for the batch, KM's laws give no rule for N and D (their eq. 6.1 needs it).
            ("optimum", JSONText.object([])),
            ("warnings", JSONText.array(warnings.map { JSONText.string($0.text) })),
            ("trustworthy", isTrustworthy ? "true" : "false"),
            ("dropped", JSONText.array(dropped.map(JSONText.string))),
            ("rules", JSONText.object(lines.map { ("L(\($0.variable.rawValue))", JSONText.string($0.rule)) })),
            (
                "points_used",
                JSONText.object(lines.map { ("L(\($0.variable.rawValue))", String($0.points.count)) })
            ),
            ("with_irreducible", JSONText.object(lines.compactMap(Self.bent))),
        ])
    }

    /// The fit as a person reads it on a terminal.
    public func text(dropped: [String] = []) -> String {
        var rows = [["", "exponent", "95 % interval", "scale X_c", "with E: exponent", "E (nats/token)"]]
        for line in lines {
            let interval = line.exponentInterval.map {
                "\(Number.short($0.lowerBound)) … \(Number.short($0.upperBound))"
            }
            rows.append([
                "L(\(line.variable.rawValue))", Number.significant(line.exponent, 5), interval ?? "",
                Number.short(line.scale), line.withIrreducible.map { Number.short($0.exponent) } ?? "",
                line.withIrreducible.map { Number.short($0.irreducible) } ?? "",
            ])
        }
        var text = ["L(X) = (X_c/X)^alpha    fitted to \(points.count) runs", ""] + TextColumns.aligned(rows) + [""]
        if let joint {
            text += [
                "L(N, D) = [(N_c/N)^(alpha_N/alpha_D) + D_c/D]^alpha_D:  alpha_N \(Number.short(joint.alphaN)), "
                    + "alpha_D \(Number.short(joint.alphaD)), N_c \(Number.short(joint.scaleN)), "
                    + "D_c \(Number.short(joint.scaleD))", "",
            ]
        }
        text += lines.map { "L(\($0.variable.rawValue)) takes \($0.rule): \($0.points.count) points" }
        text += dropped.map { "note: \($0)" }
        text += warnings.map { "\($0.isGrave ? "do not trust" : "caution"): \($0.text)" }
        return text.joined(separator: "\n") + "\n"
    }

    private var lines: [PowerLawFit] { [lossOfParameters, lossOfTokens].compactMap { $0 } }

    private static func parameters(_ line: PowerLawFit) -> [(String, String)] {
        let axis = line.variable.rawValue
        return [("alpha_\(axis)", JSONText.number(line.exponent)), ("\(axis)_c", JSONText.number(line.scale))]
    }

    private var jointParameters: [(String, String)] {
        guard let joint else { return [] }
        return [
            ("joint_alpha_N", JSONText.number(joint.alphaN)), ("joint_alpha_D", JSONText.number(joint.alphaD)),
            ("joint_N_c", JSONText.number(joint.scaleN)), ("joint_D_c", JSONText.number(joint.scaleD)),
        ]
    }

    private static func intervals(_ line: PowerLawFit) -> [(String, String)] {
        let axis = line.variable.rawValue
        return [("alpha_\(axis)", line.exponentInterval), ("\(axis)_c", line.scaleInterval)].compactMap {
            name, interval in
            interval.map {
                (name, JSONText.array([JSONText.number($0.lowerBound), JSONText.number($0.upperBound)]))
            }
        }
    }

    private static func standardErrors(_ line: PowerLawFit) -> [(String, String)] {
        line.exponentError.map { [("alpha_\(line.variable.rawValue)", JSONText.number($0))] } ?? []
    }

    private static func bent(_ line: PowerLawFit) -> (String, String)? {
        line.withIrreducible.map { law in
            (
                "L(\(line.variable.rawValue))",
                JSONText.object([
                    ("E", JSONText.number(law.irreducible)), ("A", JSONText.number(law.coefficient)),
                    ("alpha", JSONText.number(law.exponent)), ("objective", JSONText.number(law.objective)),
                ])
            )
        }
    }
}
