import Foundation
import ScalingLaws

/// A fit that `apus fit --law chinchilla --json` wrote: its law, those of its resamples, and its points.
struct FitFile {
    let law: ChinchillaLaw
    /// Of the bootstrap; empty where there was none.
    let resampled: [ChinchillaLaw]
    /// Empty in files of earlier versions.
    let points: [FitPoint]
    let name: String
    let isTrustworthy: Bool

    private struct Content: Decodable {
        let law: String
        let parameters: [String: Double]
        let resampledParameters: [[Double]]?
        let points: [[Double]]?
        let trustworthy: Bool?

        private enum CodingKeys: String, CodingKey {
            case law, parameters, trustworthy
            case resampledParameters = "resampled_parameters"
            case points = "points_n_d_c_loss_weight"
        }
    }

    /// - Throws: `TableError` for a file that is no such fit.
    init(_ url: URL) throws {
        name = url.lastPathComponent
        guard let data = FileManager.default.contents(atPath: url.path) else {
            throw TableError("cannot read the fit \(url.path): name a table, or what apus fit --json wrote")
        }
        guard let content = try? JSONDecoder().decode(Content.self, from: data) else {
            throw TableError("\(name) is no fit: write one with apus fit TABLE --law chinchilla --json > \(name)")
        }
        let names = LawForm.chinchilla.parameterNames
        let values = names.compactMap { content.parameters[$0] }
        guard values.count == names.count, values.allSatisfy({ $0 > 0 }), let law = Self.law(values) else {
            throw TableError(
                "\(name) holds a fit of the law \(content.law), and this needs E, A, B, alpha and beta: fit --law chinchilla"
            )
        }
        self.law = law
        resampled = (content.resampledParameters ?? []).compactMap(Self.law)
        points = (content.points ?? []).filter { $0.count == 5 }.map {
            FitPoint(n: $0[0], d: $0[1], c: $0[2], loss: $0[3], weight: $0[4])
        }
        isTrustworthy = content.trustworthy ?? true
    }

    /// E, A, B, alpha and beta in this order; nil unless all are finite. A resample's exponent may be below 0, and it stays:
    /// without such ones the intervals would be narrower than the fit's.
    private static func law(_ values: [Double]) -> ChinchillaLaw? {
        guard values.count >= 5, values.allSatisfy(\.isFinite) else { return nil }
        return ChinchillaLaw(
            irreducible: values[0], capacity: values[1], data: values[2], alpha: values[3], beta: values[4])
    }
}
