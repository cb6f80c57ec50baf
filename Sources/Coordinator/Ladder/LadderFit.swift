import ScalingLaws

/// The laws of a set of runs, or why there are none.
struct LadderFit {
    let chinchilla: ChinchillaFit?
    let kaplan: KaplanFit?
    /// Why there is no fit, in a sentence.
    let problem: String?
    /// What was left out, a sentence each.
    let dropped: [String]

    /// Fits the complete runs of the tables, where there are several.
    init(_ tables: RunTables) {
        guard tables.records.count > 1 else {
            (chinchilla, kaplan, dropped) = (nil, nil, [])
            problem = "One run has no law; make a ladder of several sizes and lengths."
            return
        }
        do {
            let points = try FitPoints(tables.runs)
            let fit = try ChinchillaFit(points.points)
            (chinchilla, kaplan, dropped) = (fit, try? KaplanFit(points.points), points.dropped)
            problem = nil
        } catch {
            (chinchilla, kaplan, dropped) = (nil, nil, [])
            problem = "\(error)"
        }
    }
}
