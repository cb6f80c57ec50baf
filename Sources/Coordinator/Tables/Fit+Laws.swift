import Foundation
import ScalingLaws

/// How each law of `apus fit` is fitted.
extension Fit {
    /// Fits the law that was asked for.
    func fit(_ points: FitPoints, _ table: Table) throws -> FitResult {
        let options = try fitting.options(for: points)
        switch law {
        case .chinchilla:
            let fit = try ChinchillaFit(points.points, options: options)
            var result = FitResult(fit.fit)
            if profile { result.addProfiles(of: fit) }
            return result
        case .auto: return try best(points.points, options)
        case .isoflop:
            let noise = SeedNoise(points.points)
            let isoflop = IsoFLOPFit.Options(resamples: fitting.resamples, seed: fitting.seed)
            let fit = try IsoFLOPFit(points.points, noise: noise, options: isoflop)
            let plain = FitOptions(loss: fitting.loss, resamples: 0)
            let surface = try? ChinchillaFit(points.points, options: plain)
            var result = FitResult(fit, points: points.points.count, surface: surface?.law)
            if fitting.lossFunction != .huber {
                result.facts.append(("--loss-function", "of the surface behind the bias; parabolas are least squares"))
            }
            return result
        case .steps: return try steps(points)
        case .learningRate:
            return FitResult(try ScanTable(table, points, .learningRate), points: points.points.count)
        case .batch: return FitResult(try ScanTable(table, points, .batch), points: points.points.count)
        case .criticalBatch:
            let table = try CurveTable(URL(fileURLWithPath: curves ?? ""), loss: curveLoss, points: points)
            return try FitResult(criticalBatchOf: table, points)
        case .envelope:
            let table = try CurveTable(URL(fileURLWithPath: curves ?? ""), loss: curveLoss, points: points)
            let options = EnvelopeFit.Options(
                usableShare: usableShare, resamples: fitting.resamples, seed: fitting.seed)
            var result = FitResult(try EnvelopeFit(table.curves, options: options))
            result.facts += table.notes.map { ("curves", $0) }
            return result
        case .kaplanIrreducible: return FitResult(try LawFit(.kaplanIrreducible, points.points, options: options))
        case .kaplan:
            let lines = try KaplanFit(points.points, huberDelta: fitting.huberDelta)
            var (joint, problems) = ([LawFit](), [FitWarning]())
            for form in [LawForm.kaplan, .kaplanIrreducible] {
                do {
                    joint.append(try LawFit(form, points.points, options: options))
                } catch let error as TableError {
                    problems.append(.caution("no joint law: \(error.message)"))
                }
            }
            var result = FitResult(lines, joint: joint, problems: problems)
            if fitting.lossFunction != .huber || source.rows.weights != nil {
                result.facts.append(
                    ("lines", "least squares, all runs alike: --loss-function and --weights reach the joint laws alone")
                )
            }
            return result
        case .compute:
            let frontier = HoldOut.frontier(points.points)
            var result = FitResult(try LawFit(.compute, frontier, options: fitting.plainOptions))
            result.facts.append(
                ("runs taken", "\(frontier.count) of \(points.points.count), those that no cheaper run beats"))
            // Its places are those of the frontier, not of the table.
            result.resamples = []
            return result
        case .dataConstrained:
            guard let base else { return FitResult(try LawFit(.dataConstrained, points.points, options: options)) }
            let law = try FitFile(URL(fileURLWithPath: base)).law
            return FitResult(try LawFit(dataConstrainedFrom: law, points.points, options: options))
        }
    }

    /// Kaplan et al.'s eq. 5.4, S_min = S/(1 + B_crit(L)/B), with one critical batch or eq. 5.3's.
    private func steps(_ fitted: FitPoints) throws -> FitResult {
        var points = fitted.points
        var notes: [String] = []
        if let curves {
            let table = try CurveTable(URL(fileURLWithPath: curves), loss: curveLoss, points: fitted)
            (points, notes) = (try table.points(of: fitted), table.notes)
            notes.append(
                "points along a run stand for runs that end there: right under a constant rate, too high under one that "
                    + "decays to the run's end")
        }
        let minimum = try criticalBatch.map { critical in
            try points.map { point in
                guard let steps = point.steps, let batch = point.batchTokens else {
                    throw TableError("\(point.label) has no steps or no tokens of a step, which --critical-batch needs")
                }
                let atLoss = alphaB.map { critical * pow(point.loss, -1 / $0) } ?? critical
                return steps / (1 + atLoss / batch)
            }
        }
        // Places along curves are no rows of the table.
        let options = curves == nil ? try fitting.options(for: fitted) : fitting.plainOptions
        let rule =
            criticalBatch.map { critical in
                "S_min = S/(1 + B_crit/B) with B_crit = \(Number.short(critical))"
                    + (alphaB.map { "/L^(1/\(Number.short($0)))" } ?? "") + " tokens"
            }
            ?? "the updates as they are: right for batches far above the critical, else give --critical-batch"
        var result = FitResult(
            try StepsLaw(points, minimumSteps: minimum, options: options), points: points.count, rule: rule)
        result.facts += notes.map { ("curves", $0) }
        return result
    }

    /// The form that tells the held-out runs best, fitted to all runs.
    private func best(_ points: [FitPoint], _ options: FitOptions) throws -> FitResult {
        let test = try heldOut(points, share: holdOut ?? 0.2)
        // L(C) is tested on the frontier alone: its errors do not compare.
        guard let form = test.scores.first(where: { $0.fit != nil && $0.form != .compute })?.form else {
            let problems = test.scores.compactMap(\.problem).joined(separator: "; ")
            throw TableError("no law can be fitted to these runs: \(problems)")
        }
        var result = FitResult(try LawFit(form, points, options: options))
        result.facts.insert(
            ("chosen", "\(form.rawValue), of the laws in N and D by its error on the runs held out"), at: 0)
        if holdOut == nil { add(test, to: &result) }
        return result
    }

    /// The forms' errors on the runs of the most compute.
    func heldOut(_ points: [FitPoint], share: Double) throws -> HoldOut {
        try HoldOut(
            points, share: share, seedDeviation: SeedNoise(points)?.standardDeviation,
            options: FitOptions(loss: fitting.loss, resamples: 0))
    }

    /// Shows what was held out below the fit.
    func add(_ test: HoldOut, to result: inout FitResult) {
        result.blocks.append(test.text.trimmingCharacters(in: .newlines))
        result.fields.append(("hold_out", test.json.trimmingCharacters(in: .newlines)))
    }
}
