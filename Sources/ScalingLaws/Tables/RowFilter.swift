import Foundation

/// A condition on the cells of a column, written as `optimizer==adamw` or `params<1e9`: what `--where` takes.
public struct RowFilter: Sendable, Equatable, CustomStringConvertible {
    /// How a cell is compared with the value.
    enum Comparison: String, CaseIterable, Sendable {
        // Longer signs first: "<=" also begins with "<".
        case equal = "=="
        case unequal = "!="
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"

        var isOrder: Bool { self != .equal && self != .unequal }
    }

    /// The column that is looked at.
    public let column: String
    let comparison: Comparison
    let value: String

    /// Reads a condition; nil for text without a column, one of == != < <= > >=, and a value, and where an order is
    /// asked of something that is no number.
    public init?(_ text: String) {
        let signs = Comparison.allCases.compactMap { sign in
            text.range(of: sign.rawValue).map { (sign: sign, range: $0) }
        }
        // The leftmost sign; at one place the longer comes first in `allCases`, and `min` keeps it.
        guard let found = signs.min(by: { $0.range.lowerBound < $1.range.lowerBound }) else { return nil }
        column = text[..<found.range.lowerBound].trimmingCharacters(in: .whitespaces)
        value = text[found.range.upperBound...].trimmingCharacters(in: .whitespaces)
        comparison = found.sign
        guard !column.isEmpty, !comparison.isOrder || Double(value).map({ !$0.isNaN }) == true else { return nil }
    }

    /// The condition as it was written, without spaces.
    public var description: String { column + comparison.rawValue + value }

    /// Whether a row meets the condition. Numbers are compared as numbers, everything else as text; an empty cell
    /// meets no order.
    /// - Throws: `TableError` for a missing column, and for a text where an order needs a number.
    func holds(_ table: Table, row: Int) throws -> Bool {
        let cell = try table.texts(column)[row].trimmingCharacters(in: .whitespaces)
        let numbers = Double(cell).flatMap { left in Double(value).map { (left, $0) } }
        guard comparison.isOrder else {
            let isEqual = numbers.map { $0 == $1 || ($0.isNaN && $1.isNaN) } ?? (cell == value)
            return isEqual == (comparison == .equal)
        }
        if cell.isEmpty { return false }
        guard let (left, right) = numbers else {
            throw TableError(
                "\(table.place(row, column)) is \"\(cell)\", and \"\(self)\" needs a number there: correct the cell, or "
                    + "leave such rows out with another condition")
        }
        return switch comparison {
        case .below: left < right
        case .atMost: left <= right
        case .above: left > right
        default: left >= right
        }
    }
}
