import Experiment
import Foundation
import Reports
import ScalingLaws

/// Makes predictions and files them.
struct PredictionFiling {
    let command: Predict

    init(_ command: Predict) { self.command = command }

    func run() throws {
        let table = try source()
        let columns = command.columns.columns
        let all = try FitPoints(table, columns: columns, selection: command.columns.selection)
        let points = all.points.filter { point in command.below.map { point.compute < $0 } ?? true }
        let targets = try targets(columns)
        for target in targets { try refuseKnown(target, table, all.points) }
        let files = targets.map { file($0, ofSeveral: targets.count > 1) }
        for file in files where FileManager.default.fileExists(atPath: file.path) {
            throw Failure(
                .usage, "\(file.relativePath) is there, and a prediction is never overwritten; name another with --out."
            )
        }
        let predictor = try Predictor(
            points, seedDeviation: SeedNoise(points)?.standardDeviation,
            options: FitOptions(resamples: command.resamples, seed: command.seed))
        let untrusted = Self.untrusted(predictor)
        if !command.json {
            if let last = predictor.rollout.last { Console.show(Console.style.plain(last.text) + "\n") }
            Console.show(all.dropped.map { Console.style.plain("note: \($0)") + "\n" }.joined())
        }
        guard !command.strict || untrusted.isEmpty else {
            throw Failure(
                .untrustedFit,
                "Nothing is filed: a law behind the prediction cannot be trusted (\(untrusted.joined(separator: "; ")))."
            )
        }
        for (target, file) in zip(targets, files) {
            try write(target, predictor, all, to: file, left: all.points.count - points.count)
        }
    }

    /// What speaks against the laws that a prediction is made of.
    private static func untrusted(_ predictor: Predictor) -> [String] {
        predictor.members.filter { $0.weight > 0 }.flatMap { member in
            member.fit.warnings.filter(\.isGrave).map { "\(member.fit.form.rawValue): \($0.text)" }
        }
    }

    private func source() throws -> Table {
        let path = command.sources[0]
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.usage, "There is no table and no folder \(path).")
        }
        return isFolder.boolValue
            ? try RunTables(paths: [path]).runs : try Table(contentsOf: URL(fileURLWithPath: path))
    }

    private func targets(_ columns: FitPoints.Columns) throws -> [PredictionTarget] {
        var targets = try command.config.flatMap {
            try PredictionTarget.runs(of: $0, columns: columns, uniqueTokens: command.uniqueTokens)
        }
        if let n = command.n, let d = command.d {
            targets.append(
                PredictionTarget(n: n, d: d, uniqueTokens: command.uniqueTokens, name: command.name))
        }
        guard Set(targets.map(\.name)).count == targets.count else {
            throw Failure(
                .usage,
                "Two of the runs to predict have one name (\(targets.map(\.name).joined(separator: ", "))); a prediction is "
                    + "found by its run's name.")
        }
        return targets
    }

    private func refuseKnown(_ target: PredictionTarget, _ table: Table, _ points: [FitPoint]) throws {
        guard !command.afterTheFact else { return }
        let hashes = table.hasColumn("config_hash") ? Set(try table.texts("config_hash")) : []
        let inside = RunDirectory(URL(fileURLWithPath: command.sources[0]).appendingPathComponent(target.name))
        let known = try target.known(
            in: points, hashes: hashes, folders: [inside, target.folder])
        if let known {
            throw Failure(
                .usage,
                "\(target.name) is not to be predicted any more: \(known). Predict another run, or ask for it "
                    + "--after-the-fact.")
        }
    }

    private func file(_ target: PredictionTarget, ofSeveral several: Bool) -> URL {
        let date = String(Date().formatted(.iso8601).prefix(10))
        let name = target.name.map { $0 == "/" || $0 == " " ? "-" : String($0) }.joined()
        let standard = "\(date)-\(name).json"
        guard let out = command.out else { return URL(fileURLWithPath: "predictions/\(standard)") }
        return several ? URL(fileURLWithPath: out).appendingPathComponent(standard) : URL(fileURLWithPath: out)
    }

    private func write(
        _ target: PredictionTarget, _ predictor: Predictor, _ fitted: FitPoints, to file: URL, left: Int
    ) throws {
        let prediction = predictor.predict(target.point)
        let cautions = cautions(prediction, predictor)
        let filed = FiledPrediction(
            prediction, by: predictor, name: target.name, nColumn: fitted.columns.n, configHash: target.configHash,
            budget: command.below, made: Date(), version: Version.current, afterTheFact: command.afterTheFact,
            dropped: fitted.dropped, cautions: cautions)
        let text = try filed.text
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file, options: .withoutOverwriting)
        } catch {
            throw Failure(.usage, "Cannot write \(file.relativePath): \(error.localizedDescription)")
        }
        Console.show(
            command.json
                ? text : Console.style.plain(words(prediction, target, predictor, file, left, cautions)))
    }

    private func words(
        _ prediction: Prediction, _ target: PredictionTarget, _ predictor: Predictor, _ file: URL, _ left: Int,
        _ cautions: [String]
    ) -> String {
        let (low, high) = (prediction.interval.lowerBound, prediction.interval.upperBound)
        var text =
            "\(target.name): \(Humanly.loss(prediction.loss)) nats per token, 95 % \(Humanly.loss(low)) … "
            + "\(Humanly.loss(high)) (± \(Humanly.significant(100 * prediction.halfWidth, 2)) %)\n"
        text +=
            "N \(Humanly.count(target.point.n)), D \(Humanly.count(target.point.d)), C "
            + "\(Humanly.flops(target.point.compute)): \(Humanly.significant(prediction.extrapolation, 3)) times the "
            + "largest of \(predictor.points.count) runs fitted"
            + (left > 0 ? " (\(left) above the budget left out)" : "") + "\n"
        var table = TerminalTable([
            .init("form", .left), .init("loss"), .init("95 %"), .init("hold-out error"), .init("weight"),
        ])
        for form in prediction.forms {
            table.add([
                form.form.rawValue, Humanly.loss(form.loss),
                "\(Humanly.loss(form.interval.lowerBound)) … \(Humanly.loss(form.interval.upperBound))",
                form.holdOutError.map { "\(Humanly.significant(100 * $0, 2)) %" } ?? "",
                form.weight > 0 ? Humanly.significant(form.weight, 2) : "refuted",
            ])
        }
        text += table.text(Console.style)
        for caution in cautions { text += "caution: \(caution)\n" }
        return text + "filed  \(file.relativePath)\(command.afterTheFact ? "  (after the fact)" : "")\n\n"
    }

    private func cautions(_ prediction: Prediction, _ predictor: Predictor) -> [String] {
        var cautions: [String] = []
        if predictor.rollout.isEmpty {
            cautions.append(
                "too few runs to hold any out: all forms weigh alike, and no error beyond the runs is known")
        } else if predictor.weighsAlike {
            cautions.append(
                "at no cut could a form be fitted that all the runs show: all forms weigh alike, and no error beyond the "
                    + "runs is known")
        } else if prediction.extrapolation > max(8, predictor.testedReach) {
            cautions.append(
                "\(Humanly.significant(prediction.extrapolation, 3)) times beyond the largest run, and the hold-out tested "
                    + "\(Humanly.significant(predictor.testedReach, 3)) times: the interval supposes that nothing new happens on the way"
            )
        }
        if prediction.inflation > 1.5 {
            cautions.append(
                "on the way up the laws missed by \(Humanly.significant(prediction.inflation, 2)) times what they "
                    + "claimed; the interval is widened by that")
        }
        if prediction.extrapolation < 1 { cautions.append("this lies inside the runs' range: no extrapolation") }
        return cautions + Self.untrusted(predictor).map { "do not trust \($0)" }
    }
}
