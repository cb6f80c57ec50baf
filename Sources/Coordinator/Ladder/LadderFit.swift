import ScalingLaws

/// The laws of a set of runs, or why there are none.
struct LadderFit {
    /// The complete runs that the laws are fitted to; empty where there are none, or one run alone.
    let points: [FitPoint]
    let chinchilla: ChinchillaFit?
    let kaplan: KaplanFit?
    /// Why there is no parametric fit, in a sentence.
    let problem: String?
    /// What was left out, a sentence each.
    let dropped: [String]

    /// Fits the complete runs of the tables, where there are several: each law by itself, so that runs which have not
    /// enough places for one still show another.
    init(_ tables: RunTables) {
        guard tables.records.count > 1 else {
            (points, chinchilla, kaplan, dropped) = ([], nil, nil, [])
            problem = "One run has no law; make a ladder of several sizes and lengths."
            return
        }
        do {
            let fitted = try FitPoints(tables.runs)
            (points, dropped) = (fitted.points, fitted.dropped)
        } catch {
            (points, chinchilla, kaplan, dropped) = ([], nil, nil, [])
            problem = "\(error)"
            return
        }
        kaplan = try? KaplanFit(points)
        do {
            (chinchilla, problem) = (try ChinchillaFit(points), nil)
        } catch {
            (chinchilla, problem) = (nil, "\(error)")
        }
    }
}
