import Foundation
import Yams

/// Collects everything that is wrong, so that it is reported at once.
final class ProblemList {
    private(set) var sentences: [String] = []

    func add(_ sentence: String) { sentences.append(sentence) }
}

/// One mapping of a YAML file, read key by key: a value of the wrong kind, a missing or an unknown key is a problem.
/// Scalars are read from their text, so that `1e-3` and `20_000_000` are the numbers that people mean.
struct StrictMapping {
    private let path: String
    private let problems: ProblemList
    private var entries: [String: Node] = [:]
    private var known: [String] = []
    /// False for another kind of node: one problem tells that, and nothing in it is then missing.
    private let isMapping: Bool

    init(_ node: Node, path: String, problems: ProblemList) {
        self.path = path
        self.problems = problems
        isMapping = node.mapping != nil
        guard let mapping = node.mapping else {
            problems.add("`\(path)` must be a mapping of keys to values.")
            return
        }
        for (key, value) in mapping { entries[key.scalar?.string ?? "?"] = value }
    }

    private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private mutating func take(_ key: String) -> Node? {
        known.append(key)
        guard let node = entries.removeValue(forKey: key), !Self.isNull(node) else { return nil }
        return node
    }

    private static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// A value of a scalar key. `what` names the kind in the sentence about a wrong one.
    private mutating func scalar<Value>(_ key: String, what: String, _ parse: (String) -> Value?) -> Value? {
        guard let node = take(key) else { return nil }
        guard let text = node.scalar?.string, let value = parse(text) else {
            problems.add("`\(full(key))` must be \(what), not \(Self.show(node)).")
            return nil
        }
        return value
    }

    mutating func integer(_ key: String, atLeast low: Int, atMost high: Int = 1 << 50) -> Int? {
        let value = scalar(key, what: "a whole number") { Int($0.replacingOccurrences(of: "_", with: "")) }
        guard let value else { return nil }
        guard (low...high).contains(value) else {
            problems.add(
                "`\(full(key))` is \(value); it must be \(low) or more\(high < 1 << 50 ? " and at most \(high)" : "").")
            return nil
        }
        return value
    }

    mutating func number(_ key: String, _ requirement: String, where accept: (Double) -> Bool) -> Double? {
        let value = scalar(key, what: "a number") { Double($0.replacingOccurrences(of: "_", with: "")) }
        guard let value else { return nil }
        guard value.isFinite, accept(value) else {
            problems.add("`\(full(key))` is \(value); it must be \(requirement).")
            return nil
        }
        return value
    }

    mutating func text(_ key: String) -> String? { scalar(key, what: "text") { $0 } }

    mutating func flag(_ key: String) -> Bool? { scalar(key, what: "true or false", Bool.init) }

    mutating func seed(_ key: String) -> UInt64? {
        scalar(key, what: "a whole number from 0 to 2^64 - 1") { UInt64($0.replacingOccurrences(of: "_", with: "")) }
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(_ key: String, of: Value.Type) -> Value?
    where Value.RawValue == String {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return scalar(key, what: "one of \(names)") { Value(rawValue: $0) }
    }

    mutating func texts(_ key: String) -> [String]? {
        guard let node = take(key) else { return nil }
        let values = node.sequence?.map { $0.scalar?.string } ?? [node.scalar?.string]
        guard !values.contains(nil) else {
            problems.add("`\(full(key))` must be a list of paths.")
            return nil
        }
        return values.compactMap { $0 }
    }

    /// The scalars in the list below `key`; one scalar is a list of one. `what` names the kind of all of them.
    mutating func list<Value>(_ key: String, what: String, _ parse: (String) -> Value?) -> [Value]? {
        guard let node = take(key) else { return nil }
        let values = (node.sequence.map(Array.init) ?? [node]).map { $0.scalar.flatMap { parse($0.string) } }
        guard !values.isEmpty, !values.contains(where: { $0 == nil }) else {
            problems.add("`\(full(key))` must be a list of \(what), not \(Self.show(node)).")
            return nil
        }
        return values.compactMap { $0 }
    }

    /// A list of whole numbers, or one by itself.
    mutating func integers(_ key: String, atLeast low: Int) -> [Int]? {
        list(key, what: "whole numbers of \(low) or more") { text in
            Int(text.replacingOccurrences(of: "_", with: "")).flatMap { $0 >= low ? $0 : nil }
        }
    }

    /// What is below `key`, of whatever kind; for keys that take more than one.
    mutating func node(_ key: String) -> Node? { take(key) }

    /// The mapping below `key`; an empty one where it is missing, so that its own required keys are named.
    mutating func section(_ key: String) -> StrictMapping {
        StrictMapping(take(key) ?? Node([] as [(Node, Node)]), path: full(key), problems: problems)
    }

    mutating func sectionIfPresent(_ key: String) -> StrictMapping? {
        take(key).map { StrictMapping($0, path: full(key), problems: problems) }
    }

    /// The mappings in the list below `key`.
    mutating func sections(_ key: String) -> [StrictMapping]? {
        guard let node = take(key) else { return nil }
        guard let list = node.sequence else {
            problems.add("`\(full(key))` must be a list of mappings.")
            return nil
        }
        return list.enumerated().map {
            StrictMapping($0.element, path: "\(full(key))[\($0.offset)]", problems: problems)
        }
    }

    func isMapping(_ key: String) -> Bool { entries[key]?.mapping != nil }

    /// The key is there with a value, right or wrong.
    func isGiven(_ key: String) -> Bool { entries[key].map { !Self.isNull($0) } ?? false }

    func isText(_ key: String, _ text: String) -> Bool { entries[key]?.scalar?.string == text }

    /// The key is there, and its value is null: "none", which is not the same as leaving it out.
    func isExplicitNull(_ key: String) -> Bool { entries[key].map(Self.isNull) ?? false }

    /// Notes a problem when `value` is missing and no other problem about the key was noted.
    func require<Value>(_ value: Value?, _ key: String, or placeholder: Value) -> Value {
        if let value { return value }
        if isMapping, !problems.sentences.contains(where: { $0.hasPrefix("`\(full(key))`") }) {
            problems.add("`\(full(key))` is missing.")
        }
        return placeholder
    }

    /// Every key that nobody asked for is a problem; the nearest known one is named.
    func refuseUnknownKeys() {
        for key in entries.keys.sorted() {
            let nearest = known.min { difference($0, key) < difference($1, key) }
            let hint = nearest.map { "did you mean `\(full($0))`?" } ?? "no keys are known here."
            problems.add("`\(full(key))` is not a known key; \(hint)")
        }
    }

    private static func show(_ node: Node) -> String {
        node.scalar.map { "\"\($0.string)\"" } ?? (node.mapping != nil ? "a mapping" : "a list")
    }
}

/// How unlike two keys are: a key that was cut short is nearly itself, else Levenshtein's distance.
private func difference(_ known: String, _ key: String) -> Int {
    known.hasPrefix(key) || key.hasPrefix(known) ? 1 : editDistance(known, key)
}

/// Levenshtein's distance.
func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let substitution = diagonal + (x == y ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}
