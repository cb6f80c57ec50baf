import Foundation

/// Numbers as this module writes them: exactly for machines, shortly for people.
public enum Number {
    /// The shortest decimal that reads back to the same bits; whole numbers without a fraction.
    public static func exact(_ value: Double) -> String {
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Four significant digits.
    public static func short(_ value: Double) -> String { significant(value, 4) }

    /// So many significant digits.
    public static func significant(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)g", value) }

    /// A count with thousands separated, or in powers of ten above 10^15.
    public static func compact(_ value: Double) -> String {
        guard abs(value) < 1e15, value == value.rounded() else { return short(value) }
        var digits = String(Int64(abs(value)))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        groups.insert(digits, at: 0)
        return (value < 0 ? "-" : "") + groups.joined(separator: ",")
    }
}
