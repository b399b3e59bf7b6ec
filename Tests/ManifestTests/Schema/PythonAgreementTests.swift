import JSONText
import Manifest
import Primitives
import TestFiles
import Testing

@testable import Manifest

/// Our validator against another one, on the schemas as they are without the words that only ours knows.
@Suite struct PythonAgreementTests {
    /// What ours alone refuses in a document that the standard takes, beside the words that begin with `x-blixard-` and
    /// what the reader checks after the schema (`Violation.relations`).
    enum OursAlone: CaseIterable {
        /// `maxLength` counts bytes, and the standard's counts code points.
        case bytes
        /// A quantity is a whole number of bytes that 64 bits hold, which its pattern does not say.
        case quantity
        /// A whole number beyond 64 bits is no integer.
        case wideInteger

        func explains(_ violation: Violation, of document: JSON, by schema: Schema) -> Bool {
            let value = document.value(at: violation.path)
            switch self {
            case .bytes:
                return violation.reason == .tooLong
                    && value?.string.map { $0.utf8.count > $0.unicodeScalars.count } == true
            case .quantity:
                return violation.reason == .invalid && value?.string != nil
                    && schema.field(at: violation.path)?.keywords.format == .quantity
            case .wideInteger:
                guard violation.reason == .typeInvalid, case .number(let number)? = value else { return false }
                return number.description.contains("e+") || !number.description.contains { ".e".contains($0) }
            }
        }
    }

    /// How many documents with random changes are compared, of each kind and seed.
    private static let count = SharedData.environment("BLIXARD_SCHEMA_DOCUMENTS").flatMap { Int($0) } ?? 1500

    /// Without the members whose keys begin with `x-blixard-`.
    private static func standard(_ schema: JSON) -> JSON {
        switch schema {
        case .object(let object):
            var kept = JSONObject()
            for member in object where !member.key.hasPrefix("x-blixard-") { kept[member.key] = standard(member.value) }
            return .object(kept)
        case .array(let elements): return .array(elements.map(standard))
        default: return schema
        }
    }

    @Test(
        "Our validator and Python's agree on every document of every kind",
        .enabled(if: PythonSchema.mayRun, Comment(rawValue: PythonSchema.absence)),
        arguments: KindInfo.writable, [1, 2] as [UInt64])
    func agreement(kind: KindInfo, seed: UInt64) throws {
        let whole = try #require(KindSchema.of(kind))
        let text = Self.standard(try JSON(parsing: whole.text))
        let schema = try SchemaLoader(text).load()
        var mutations = DocumentMutations(of: kind, seed: seed)
        let documents = mutations.edges + (0..<Self.count).map { _ in mutations.next() }
        let verdicts = try PythonSchema.verdicts(on: documents, schema: text)
        var used: [OursAlone: Int] = [:]
        for (document, isValid) in zip(documents, verdicts) {
            let violations = schema.violations(of: document, at: .root)
            // What only ours knows makes no document valid.
            if !violations.isEmpty { #expect(!whole.document.violations(of: document, at: .root).isEmpty) }
            guard violations.isEmpty != isValid else { continue }
            let shown = String(decoding: document.canonicalBytes.prefix(2000), as: UTF8.self)
            #expect(isValid, "Python alone refuses \(shown)")
            for violation in violations {
                let rule = OursAlone.allCases.first { $0.explains(violation, of: document, by: schema) }
                #expect(rule != nil, "ours alone refuses \(violation.path): \(violation.detail) in \(shown)")
                if let rule { used[rule, default: 0] += 1 }
            }
        }
        let valid = verdicts.count { $0 }
        print(
            "\(kind.kind), seed \(seed): \(valid) of \(documents.count) are valid; ours alone: \(used.values.reduce(0, +))"
        )
        #expect(valid > 50 && valid < documents.count - 500)
    }
}
