import Foundation

/// Numbers as people read them.
public enum Humanly {
    /// Three significant digits with a unit: 12.3 M, 4.5 k, 1.76 B (thousand million), 999.
    public static func count(_ value: Double) -> String {
        scaled(value, units: ["", "k", "M", "B", "T"], largest: 1e15) ?? scientific(value)
    }

    /// Three significant digits with a unit: 12.3 M.
    public static func count(_ value: Int) -> String { count(Double(value)) }

    /// Work: 3.21 PFLOP; one PF-day is 86.4 EFLOP.
    public static func flops(_ value: Double) -> String {
        let text = scaled(value, units: ["", "k", "M", "G", "T", "P", "E", "Z", "Y"], largest: 1e27)
        guard let text else { return scientific(value) + " FLOP" }
        return text.contains(" ") ? text + "FLOP" : text + " FLOP"
    }

    /// A memory size in binary units: 1.5 GiB.
    public static func bytes(_ value: Double) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var (rest, index) = (value, 0)
        while rest >= 1024, index < units.count - 1 {
            rest /= 1024
            index += 1
        }
        return (index == 0 ? String(format: "%.0f", rest) : significant(rest, 3)) + " " + units[index]
    }

    /// Two neighbouring units: 3 min 20 s, 2 h 05 min, 3 d 4 h; below ten seconds with a fraction: 4.2 s.
    public static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "unknown" }
        if seconds < 9.95 { return String(format: "%.1f s", seconds) }
        let whole = Int(min(seconds, 1e15).rounded())
        let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60)
        if days >= 730 { return "\(days / 365) years" }
        if days > 0 { return "\(days) d \(hours) h" }
        if hours > 0 { return String(format: "%d h %02d min", hours, minutes) }
        if minutes > 0 { return String(format: "%d min %02d s", minutes, whole % 60) }
        return "\(whole) s"
    }

    /// A loss in nats per token, four digits after the point.
    public static func loss(_ value: Double) -> String { String(format: "%.4f", value) }

    /// A share of one: 71 %.
    public static func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }

    /// A value with `digits` significant digits, without an exponent between 1e-4 and 1e6, trailing zeros kept.
    public static func significant(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "\(value)" }
        guard value != 0 else { return "0" }
        guard abs(value) >= 1e-4, abs(value) < 1e6 else { return scientific(value, digits: digits) }
        // The magnitude of the rounded value: 0.9996 with three digits is 1.00.
        let exponent = String(format: "%.\(digits - 1)e", value).split(separator: "e").last.flatMap { Int($0) }
        let magnitude = exponent ?? 0
        return String(format: "%.\(max(0, digits - 1 - magnitude))f", value)
    }

    /// 1.23·10¹⁵.
    public static func scientific(_ value: Double, digits: Int = 3) -> String {
        let parts = String(format: "%.\(digits - 1)e", value).split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return "\(value)" }
        return parts[0] + "·10" + superscript(exponent)
    }

    static func superscript(_ exponent: Int) -> String {
        let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
        return (exponent < 0 ? "⁻" : "")
            + String(String(abs(exponent)).compactMap { $0.wholeNumberValue.map { digits[$0] } })
    }

    /// The value over the largest unit of a thousand-fold ladder that fits; nil beyond it.
    private static func scaled(_ value: Double, units: [String], largest: Double) -> String? {
        guard value.isFinite, abs(value) < largest else { return nil }
        // What rounds to 1000 of a unit is 1.00 of the next.
        var (rest, index) = (value, 0)
        while abs(rest) >= 999.5, index < units.count - 1 {
            rest /= 1000
            index += 1
        }
        if index == 0 { return rest == rest.rounded() ? String(format: "%.0f", rest) : significant(rest, 3) }
        return significant(rest, 3) + " " + units[index]
    }
}
