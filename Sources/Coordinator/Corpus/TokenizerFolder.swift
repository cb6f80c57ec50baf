import Experiment
import Foundation
import Tokenization

/// A folder that holds a tokenizer's files.
enum TokenizerFolder {
    /// Writes each file whole, or none: a file that is there and is another is the user's. Throws `Failure(.usage)`
    /// for such a one.
    static func write(_ tokenizer: any Tokenizer, to folder: URL) throws {
        var files = [(Tokenizers.fileName, try tokenizer.serialized)]
        if let pairs = tokenizer as? BytePairTokenizer, pairs.fitsGPT2Files {
            files.append((GPT2Files.vocabularyName, pairs.vocabularyFile))
            files.append((GPT2Files.mergesName, pairs.mergesFile))
        }
        for (name, content) in files { try refuseOther(folder.appending(component: name), content) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure(.worker, "Cannot make the folder \(folder.path); check that you may write there.")
        }
        for (name, content) in files { try DurableFile.replace(folder.appending(component: name), with: content) }
        let names = files.map(\.0).joined(separator: ", ")
        if files.count == 1, tokenizer is BytePairTokenizer {
            Console.tell(
                "apus: vocab.json and merges.txt cannot name this tokenizer's pattern or tokens and are left out.")
        }
        Console.show("\(names) in \(folder.path)\nvocabulary \(tokenizer.vocabulary)  digest \(try tokenizer.digest)\n")
    }

    private static func refuseOther(_ file: URL, _ content: Data) throws {
        guard FileManager.default.fileExists(atPath: file.path), (try? Data(contentsOf: file)) != content else {
            return
        }
        throw Failure(.usage, "\(file.path) is there and is another; give another folder, or remove it.")
    }
}
