import ArgumentParser
import Experiment
import Foundation
import Reports
import ScalingLaws

/// A law that answers what to do with a budget, and where it comes from.
struct BudgetLaw {
    enum Published: String, ExpressibleByArgument, CaseIterable { case kaplan, hoffmann, epoch }

    /// Who says so.
    let name: String
    /// nil for Kaplan's rule, which has closed forms of its own.
    let law: ChinchillaLaw?
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
            self.init(arguments.law ?? .epoch)
        }
    }

    private init(_ published: Published) {
        let source: PublishedLaw =
            switch published {
            case .kaplan: .kaplan
            case .hoffmann: .hoffmannParametric
            case .epoch: .epoch
            }
        name = "\(source.name) (\(source.source))"
        law = source.law
        if published == .kaplan {
            notes = [
                "N is without embeddings, and C is what training at batches far below the critical would need: twice "
                    + "as much at the critical batch"
            ]
        }
    }

    /// The parametric fit of a table of our own columns, or one that was written as JSON.
    private init(fit path: String) throws {
        let url = URL(fileURLWithPath: path)
        if let file = try? FitFile(url) {
            (name, law, resampled, points) = ("the fit \(file.name)", file.law, file.resampled, file.points)
            if !file.isTrustworthy { notes = ["\(file.name) says of itself that it cannot be trusted"] }
            notes += Self.note(ofLawsWithoutOptimum: resampled)
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
        notes += Self.note(ofLawsWithoutOptimum: resampled)
    }

    /// A resample whose loss does not fall with N or with D has no best N: it counts as infinite in the intervals.
    private static func note(ofLawsWithoutOptimum laws: [ChinchillaLaw]) -> [String] {
        let count = laws.count { !($0.alpha > 0 && $0.beta > 0) }
        guard count > 0 else { return [] }
        return [
            "\(count) of \(laws.count) resampled laws have no optimum, an exponent at or below 0; they count as without bound"
        ]
    }

    /// The best use of a budget in FLOPs.
    func plan(compute: Double) -> BudgetPlan {
        law.map { BudgetPlan($0, resampled: resampled, compute: compute) } ?? .kaplan(compute: compute)
    }

    /// The least budget for a loss.
    /// - Throws: `Failure(.usage)` for a loss that the law never reaches.
    func plan(loss: Double) throws -> BudgetPlan {
        guard let law else { return .kaplan(loss: loss) }
        guard let plan = BudgetPlan(law, resampled: resampled, loss: loss) else {
            throw Failure(
                .usage,
                "By \(name) no budget reaches a loss of \(loss): its irreducible loss is "
                    + "\(Humanly.loss(law.irreducible)) nats per token. Ask for a higher loss.")
        }
        return plan
    }

    /// The run that would narrow the plan's loss most, where the runs behind the law are known.
    /// - Parameter budget: the most FLOPs that it may take; nil for those of the dearest run there is.
    func nextRun(for plan: BudgetPlan, budget: Double?) -> NextRun? {
        guard let law, let most = budget ?? points.map(\.compute).max() else { return nil }
        return NextRun(law: law, points: points, target: (plan.n.value, plan.d.value), budget: most)
    }

    /// How far an answer is from the runs behind the law.
    func extrapolation(_ compute: Double) -> String? {
        guard let largest = points.map(\.compute).max(), compute > largest else { return nil }
        return "\(Number.short(compute / largest)) times the dearest run of the fit: the interval is the law's own, no "
            + "proof that the law holds so far"
    }
}
