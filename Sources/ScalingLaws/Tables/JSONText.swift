import Foundation

/// JSON written by hand, so that keys keep their order and numbers their bits.
public enum JSONText {
    /// A number that reads back to the same bits; null for what JSON has no number for.
    public static func number(_ value: Double) -> String { value.isFinite ? Number.exact(value) : "null" }

    /// A quoted string, control characters escaped.
    public static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20: result += String(format: "\\u%04x", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// An array of values that are JSON already.
    public static func array(_ values: [String]) -> String { "[" + values.joined(separator: ", ") + "]" }

    /// An object on one line.
    public static func object(_ fields: [(String, String)]) -> String {
        "{" + fields.map { "\(string($0.0)): \($0.1)" }.joined(separator: ", ") + "}"
    }

    /// An object with one field per line.
    public static func document(_ fields: [(String, String)]) -> String {
        "{\n" + fields.map { "  \(string($0.0)): \($0.1)" }.joined(separator: ",\n") + "\n}\n"
    }
}
