import Foundation

/// Names of a sweep's runs: of what a run is, and of nothing else in the sweep, so that runs keep their names when the
/// sweep grows.
enum SweepName {
    /// As in d32-1200k, l4d128-x20, d32-c1e13-s2: layers where they are not the usual ones, width, length, and a seed other than 1.
    static func stem(
        _ size: SweepConfig.Size, _ horizon: SweepConfig.Horizon, _ seed: Seed, standardLayers: Int?
    ) -> String {
        let layers = size.layers == standardLayers ? "" : "l\(size.layers)"
        let length =
            switch horizon {
            case .tokens(let tokens): thousands(tokens)
            case .tokensPerParameter(let ratio): "x\(short(ratio))"
            case .budget(let flops): "c\(short(flops))"
            }
        return "\(layers)d\(size.width)-\(length)\(self.seed(seed))"
    }

    private static func seed(_ seed: Seed) -> String {
        if seed == Seed(1) { return "" }
        return seed.initialization == seed.data ? "-s\(seed.data)" : "-i\(seed.initialization)d\(seed.data)"
    }

    private static func thousands(_ tokens: Double) -> String {
        guard tokens < 1e15, tokens == tokens.rounded() else { return short(tokens) }
        return tokens.truncatingRemainder(dividingBy: 1_000) == 0 ? "\(Int(tokens / 1_000))k" : "\(Int(tokens))"
    }

    /// At most 6 significant digits: 20, 2.5, 3e13.
    static func short(_ value: Double) -> String {
        String(format: "%.6g", value).replacingOccurrences(of: "e+", with: "e").replacingOccurrences(
            of: "e0", with: "e")
    }

    /// Four significant digits: what a rule gives is not known better, and the configuration is the same wherever it is
    /// computed.
    static func rounded(_ value: Double) -> Double { Double(String(format: "%.4g", value)) ?? value }
}
