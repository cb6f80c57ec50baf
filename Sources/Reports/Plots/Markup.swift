import Foundation

/// Text for HTML and SVG that is well-formed XML as well.
enum Markup {
    /// Escapes what would be markup; characters that XML does not allow are dropped.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t", "\r": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A coordinate with one decimal: a tenth of a pixel.
    static func coordinate(_ value: Double) -> String {
        let text = String(format: "%.1f", value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// `<name a="1">content</name>`, or without content `<name a="1"/>`; `content` is markup already.
    static func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String? = nil)
        -> String
    {
        let list = attributes.map { " \($0.key)=\"\(escape($0.value))\"" }.joined()
        return content.map { "<\(name)\(list)>\($0)</\(name)>" } ?? "<\(name)\(list)/>"
    }
}
