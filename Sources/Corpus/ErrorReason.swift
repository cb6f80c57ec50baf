import Foundation

extension Error {
    /// What the system says, without the wrapping: "No space left on device".
    var reason: String {
        let outer = self as NSError
        let inner = outer.userInfo[NSUnderlyingErrorKey] as? NSError
        let error = inner ?? outer
        let text = error.localizedFailureReason ?? error.localizedDescription
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}
