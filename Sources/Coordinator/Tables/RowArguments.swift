import ArgumentParser
import Foundation
import ScalingLaws

/// Which rows of a table count, how much, and which columns say so: what fits and predictions have in common.
struct RowArguments: ParsableArguments {
    @Flag(help: "Take D = C/(6N), even where there is a column of tokens.") var dFromC = false
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only rows that meet this condition (== != < <= > >=); may be repeated.", valueName: "col==value"),
        transform: Self.filter)
    var filters: [RowFilter] = []
    @Option(help: ArgumentHelp("Leave out the k rows of the highest loss.", valueName: "k")) var dropHighestLoss = 0
    @Flag(help: "Take rows whatever their status, schedule_fraction and role say.") var allRows = false
    @Option(help: ArgumentHelp("Column of how much a row counts.", valueName: "col")) var weights: String?
    @Option(
        help: ArgumentHelp("Column of what the bootstrap draws together; default: the run's name.", valueName: "col"))
    var cluster: String?
    @Option(help: ArgumentHelp("Column of how a run ended.", valueName: "col")) var status = FitColumns().status
    @Option(help: ArgumentHelp("Column of the seed.", valueName: "col")) var seedColumn = FitColumns().seed
    @Option(help: ArgumentHelp("Column of the updates.", valueName: "col")) var stepsColumn = FitColumns().steps
    @Option(help: ArgumentHelp("Column of the tokens of a step.", valueName: "col"))
    var batchColumn = FitColumns().batchTokens
    @Option(help: ArgumentHelp("Column of the loss's standard error.", valueName: "col"))
    var lossError = FitColumns().lossError

    func validate() throws {
        guard dropHighestLoss >= 0 else {
            throw ValidationError("--drop-highest-loss is \(dropHighestLoss); it cannot be below 0.")
        }
    }

    /// `columns` with those that these options name.
    func completing(_ columns: FitColumns) -> FitColumns {
        var columns = columns
        columns.tokensFromCompute = dFromC
        columns.weight = weights
        columns.cluster = cluster
        columns.status = status
        columns.seed = seedColumn
        columns.steps = stepsColumn
        columns.batchTokens = batchColumn
        columns.lossError = lossError
        return columns
    }

    var selection: FitSelection {
        FitSelection(filters: filters, highestLossesDropped: dropHighestLoss, takesUnfinished: allRows)
    }

    @Sendable private static func filter(_ text: String) throws -> RowFilter {
        guard let filter = RowFilter(text) else {
            throw ValidationError(
                "--where \"\(text)\" is no condition: write a column, one of == != < <= > >=, and a value, which must be a "
                    + "number for an order, as in --where 'optimizer==adamw' or --where 'params<1e9'.")
        }
        return filter
    }
}
