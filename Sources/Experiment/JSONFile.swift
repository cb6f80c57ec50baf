import Foundation

/// Small JSON files with the same bytes on every machine: keys sorted, slashes as they are.
public enum JSONFile {
    public static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value) + Data("\n".utf8)
    }

    /// Throws `Failure(.badData)` naming the file, and the key where one is missing or of the wrong kind.
    public static func read<Value: Decodable>(_ type: Value.Type, from file: URL) throws -> Value {
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch {
            throw Failure(.badData, "Cannot read \(file.path); is this the folder of a prepared corpus?")
        }
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw Failure(.badData, "\(file.path) is malformed (\(reason(error))); prepare the corpus again.")
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, _): "the key `\(key.stringValue)` is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "`\(path(context))` is of the wrong kind"
        case .dataCorrupted: "it is not the JSON that is expected there"
        @unknown default: "it cannot be decoded"
        }
    }
}
