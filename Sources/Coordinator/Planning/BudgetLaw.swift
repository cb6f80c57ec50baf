import ArgumentParser
import Experiment
import Foundation
import ScalingLaws

/// A law that answers what to do with a budget, and where it comes from.
struct BudgetLaw {
    enum Published: String, ExpressibleByArgument, CaseIterable { case kaplan, hoffmann, epoch }

    /// Who says so.
    let name: String
    let law: ChinchillaLaw
    /// Of the bootstrap, where the law comes from a fit.
    var resampled: [ChinchillaLaw] = []
    /// The runs behind it, where they are known.
    var points: [FitPoint] = []
    /// What a reader must know.
    var notes: [String] = []

    /// The law that was asked for.
    init(_ arguments: BudgetArguments) throws {
        if let fit = arguments.fit {
            try self.init(fit: fit)
        } else {
            try self.init(arguments.law ?? .epoch)
        }
    }

    /// - Throws: `Failure(.usage)` for a law of another form.
    private init(_ published: Published) throws {
        let source: PublishedLaw = published == .hoffmann ? .hoffmannParametric : published == .epoch ? .epoch : .kaplan
        guard let law = source.law else {
            throw Failure(.usage, "\(source.name) has no parametric form; take --law hoffmann or epoch.")
        }
        name = "\(source.name) (\(source.source))"
        self.law = law
    }

    /// The parametric fit of a table of our own columns, or one that was written as JSON.
    private init(fit path: String) throws {
        let url = URL(fileURLWithPath: path)
        if let file = try? FitFile(url) {
            (name, law, resampled, points) = ("the fit \(file.name)", file.law, file.resampled, file.points)
            if !file.isTrustworthy { notes = ["\(file.name) says of itself that it cannot be trusted"] }
            return
        }
        if url.pathExtension.lowercased() == "json", let data = FileManager.default.contents(atPath: path),
            data.first == UInt8(ascii: "{")
        {
            // No table begins so: say what is wrong with the fit.
            _ = try FitFile(url)
        }
        let rows = try FitPoints(try Table(contentsOf: url))
        let fit = try ChinchillaFit(rows.points)
        (name, law, resampled) = ("the fit to \(rows.points.count) runs of \(rows.source)", fit.law, fit.resampledLaws)
        points = rows.points
        notes = rows.dropped + fit.warnings.map { "\($0.isGrave ? "do not trust the fit" : "caution"): \($0.text)" }
    }

    /// D/N and C of the runs behind the law, to tell how far an answer is from them.
    func extrapolation(_ compute: Double) -> String? {
        guard let largest = points.map(\.compute).max(), compute > largest else { return nil }
        return "\(Number.short(compute / largest)) times the dearest run of the fit: the interval is the law's own, no "
            + "proof that the law holds so far"
    }
}
