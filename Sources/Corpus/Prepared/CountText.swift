/// Numbers in sentences, the same in every locale.
public enum CountText {
    /// 1 token; 1,234,567 tokens.
    public static func count(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// 1234567 as 1,234,567. Not for numbers below 0.
    public static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.indices.map { i in
            (i > 0 && (digits.count - i) % 3 == 0 ? "," : "") + String(digits[i])
        }.joined()
    }

    /// A share of one, from 0 to 1, in percent with two digits behind the point: 12.34 %.
    public static func percent(_ share: Double) -> String { fixed(100 * share) + " %" }

    /// With so many digits behind the point: 3.34.
    public static func fixed(_ number: Double, places: Int = 2) -> String {
        // A damaged index may hold any number.
        guard (0..<1e15).contains(number) else { return "\(number)" }
        let scale = (0..<places).reduce(1) { product, _ in product * 10 }
        let scaled = Int((number * Double(scale)).rounded())
        let rest = String(scaled % scale)
        return grouped(scaled / scale) + "." + String(repeating: "0", count: places - rest.count) + rest
    }
}
