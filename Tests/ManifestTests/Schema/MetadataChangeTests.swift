import JSONText
import Manifest
import Testing

@Suite("Changes of labels and annotations")
struct MetadataChangeTests {
    @Test(
        "changes of labels and annotations are listed one by one, in the order of their names, and take effect at once")
    func named() {
        let changes = FieldChange.inMetadata(
            labels: (
                ["tier": "gold", "same": "x", "old": "1"], ["tier": "silver", "same": "x", "example.org/new": "2"]
            ),
            annotations: ([:], ["note": "a\nb"]))
        #expect(
            changes.map(\.description) == [
                #"metadata.labels["example.org/new"]: <none> -> "2" (live)"#,
                #"metadata.labels.old: "1" -> <none> (live)"#,
                #"metadata.labels.tier: "gold" -> "silver" (live)"#,
                #"metadata.annotations.note: <none> -> "a\nb" (live)"#,
            ])
    }

    @Test("values of annotations that differ only in their bytes are a change, and equal maps are none")
    func bytes() {
        let changes = FieldChange.inMetadata(labels: ([:], [:]), annotations: (["a": "\u{e9}"], ["a": "e\u{301}"]))
        #expect(changes.count == 1)
        #expect(FieldChange.inMetadata(labels: (["a": "b"], ["a": "b"]), annotations: ([:], [:])) == [])
    }
}
