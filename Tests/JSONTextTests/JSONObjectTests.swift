import JSONText
import Testing

@Suite struct JSONObjectTests {
    @Test("Members keep their order when they are set, replaced and removed")
    func order() {
        var object: JSONObject = ["b": 1, "a": 2]
        object["c"] = 3
        object["b"] = 4
        object["a"] = nil
        object["none"] = nil
        #expect(object.keys == ["b", "c"])
        #expect(object["b"] == 4)
        #expect(object["a"] == nil)
        #expect(!object.contains("a"))
    }

    @Test("Large objects find their members after every change")
    func large() {
        var object = JSONObject()
        for number in 0..<300 { object["key \(number)"] = .integer(Int64(number)) }
        for number in stride(from: 0, to: 300, by: 3) { object["key \(number)"] = nil }
        #expect(object.count == 200)
        for number in 0..<300 {
            #expect(object["key \(number)"] == (number % 3 == 0 ? nil : .integer(Int64(number))))
        }
        for number in 0..<290 { object["key \(number)"] = nil }
        #expect(object.keys == [290, 292, 293, 295, 296, 298, 299].filter { $0 % 3 != 0 }.map { "key \($0)" })
        #expect(object["key 298"] == 298)
        #expect(object["key 297"] == nil)
    }

    @Test("Objects are equal whatever the order of their members, and hash alike")
    func equality() {
        let left: JSON = ["a": 1, "b": [2, ["c": 3, "d": 4]]]
        let right: JSON = ["b": [2, ["d": 4, "c": 3]], "a": 1]
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != ["a": 1])
        #expect(left != ["a": 1, "b": [2, ["c": 3, "d": 5]]])
        #expect(["a": 1, "b": 2] as JSON != ["a": 1, "c": 2])
    }

    @Test("Members of nested values are set through subscripts")
    func subscripts() {
        var value: JSON = nil
        value["spec"] = ["vcpus": 1]
        value["spec"]?["vcpus"] = 2
        #expect(value == ["spec": ["vcpus": 2]])
        #expect(value["spec"]?["vcpus"]?.integer == 2)
        #expect(value[0] == nil)
        #expect(([1, 2] as JSON)[1] == 2)
        #expect(([1, 2] as JSON)[2] == nil)
    }
}
