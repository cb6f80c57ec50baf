import ArgumentParser
import Experiment
import Foundation

/// Bytes for other programs.
enum StandardOutput {
    /// Ends the command without a word when nobody reads any more, as behind `| head`. Throws `Failure(.worker)` for
    /// any other reason not to write.
    static func write(_ bytes: [UInt8]) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(bytes))
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
            if cause.domain == NSPOSIXErrorDomain, cause.code == Int(EPIPE) { throw ArgumentParser.ExitCode.success }
            throw Failure(
                .worker, "Cannot write to standard output (\(cause.localizedDescription)); check that there is space.")
        }
    }
}
