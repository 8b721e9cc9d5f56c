using System.Numerics;

namespace Orchestrator.Numerics.Formats.Torch.Pickle;

/// <summary>
/// Runs a pickle of protocol 2 to 5 that holds plain values and what a fixed list of globals makes of them. It is not an
/// unpickler with filters: classes, attributes and imports do not exist in it, every instruction either makes one of the
/// values of <see cref="PickleObject"/> or is refused. The number of instructions is limited, so is what each can allocate:
/// no more than it takes from the pickle or from the stack.
/// </summary>
internal sealed class PickleMachine
{
    /// <summary>A tensor takes about 35 instructions.</summary>
    public const int MaxInstructions = 1 << 22;

    private const int MinProtocol = 2;
    private const int MaxProtocol = 5;

    private static readonly object[] SmallIntegers = [.. Enumerable.Range(0, 256).Select(value => (object)new BigInteger(value))];

    private readonly PickleInput _input;
    private readonly IReadOnlyDictionary<string, PickleGlobal> _globals;
    private readonly Func<PickleArguments, object> _loadPersistent;
    private readonly PickleStack _stack = new();
    private readonly Dictionary<uint, object?> _memo = [];

    private PickleMachine(
        PickleInput input, IReadOnlyDictionary<string, PickleGlobal> globals, Func<PickleArguments, object> loadPersistent)
    {
        _input = input;
        _globals = globals;
        _loadPersistent = loadPersistent;
    }

    /// <summary>Runs the pickle to its end.</summary>
    /// <param name="input">The pickle.</param>
    /// <param name="globals">All that it may ask for, by module and name.</param>
    /// <param name="loadPersistent">What stands for a persistent id, which is a tuple.</param>
    /// <returns>The one value that it leaves.</returns>
    /// <exception cref="InvalidDataException">It is malformed, or asks for anything else; the message says where and what.</exception>
    public static object? Run(
        PickleInput input, IReadOnlyDictionary<string, PickleGlobal> globals, Func<PickleArguments, object> loadPersistent) =>
        new PickleMachine(input, globals, loadPersistent).Run();

    private object? Run()
    {
        if (_input.ReadOpcode() != (byte)PickleOpcode.PROTO || _input.ReadByte() is < MinProtocol or > MaxProtocol)
            throw _input.Site.Invalid($"a pickle of protocol {MinProtocol} to {MaxProtocol} should begin");
        for (var instructions = 0; instructions < MaxInstructions; instructions++)
        {
            var opcode = (PickleOpcode)_input.ReadOpcode();
            if (opcode == PickleOpcode.STOP)
                return Result();
            Execute(opcode);
        }

        throw _input.Site.Invalid($"the pickle has more than {MaxInstructions} instructions");
    }

    private object? Result()
    {
        var result = _stack.Pop(_input.Site);
        if (_stack.Count > 0 || _stack.HasMarks || _input.Remaining > 0)
            throw _input.Site.Invalid("the pickle stops, but values or bytes are left over");
        return result;
    }

    private void Execute(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.MARK: _stack.PushMark(); break;
            case PickleOpcode.NONE: _stack.Push(null); break;
            case PickleOpcode.NEWTRUE: _stack.Push(true); break;
            case PickleOpcode.NEWFALSE: _stack.Push(false); break;
            case PickleOpcode.BININT: _stack.Push(new BigInteger(_input.ReadInt32())); break;
            case PickleOpcode.BININT1: _stack.Push(SmallIntegers[_input.ReadByte()]); break;
            case PickleOpcode.BININT2: _stack.Push(new BigInteger(_input.ReadUInt16())); break;
            // Little-endian two's complement of any length, none for 0.
            case PickleOpcode.LONG1: _stack.Push(new BigInteger(_input.Take(_input.ReadByte()))); break;
            case PickleOpcode.BINFLOAT: _stack.Push(_input.ReadDouble()); break;
            case PickleOpcode.SHORT_BINUNICODE: _stack.Push(_input.ReadText(_input.ReadByte())); break;
            case PickleOpcode.BINUNICODE: _stack.Push(_input.ReadText(_input.ReadUInt32())); break;
            case PickleOpcode.BINUNICODE8: _stack.Push(_input.ReadText(_input.ReadUInt64())); break;
            case PickleOpcode.SHORT_BINBYTES: _stack.Push(_input.Take(_input.ReadByte()).ToArray()); break;
            case PickleOpcode.BINBYTES: _stack.Push(_input.Take(_input.ReadUInt32()).ToArray()); break;
            case PickleOpcode.BINBYTES8: _stack.Push(_input.Take(_input.ReadUInt64()).ToArray()); break;
            case PickleOpcode.EMPTY_TUPLE: _stack.Push(new PickleTuple([])); break;
            case PickleOpcode.TUPLE1: _stack.Push(new PickleTuple(_stack.Pop(1, _input.Site))); break;
            case PickleOpcode.TUPLE2: _stack.Push(new PickleTuple(_stack.Pop(2, _input.Site))); break;
            case PickleOpcode.TUPLE3: _stack.Push(new PickleTuple(_stack.Pop(3, _input.Site))); break;
            case PickleOpcode.TUPLE: _stack.Push(new PickleTuple(_stack.PopToMark(_input.Site))); break;
            case PickleOpcode.EMPTY_LIST: _stack.Push(new PickleList()); break;
            case PickleOpcode.APPEND: Append(_stack.Pop(1, _input.Site)); break;
            case PickleOpcode.APPENDS: Append(_stack.PopToMark(_input.Site)); break;
            case PickleOpcode.EMPTY_DICT: _stack.Push(new PickleDictionary(isOrderedDict: false)); break;
            case PickleOpcode.SETITEM: SetItems(_stack.Pop(2, _input.Site)); break;
            case PickleOpcode.SETITEMS: SetItems(_stack.PopToMark(_input.Site)); break;
            case PickleOpcode.GLOBAL: PushGlobal(_input.ReadLine(), _input.ReadLine()); break;
            case PickleOpcode.STACK_GLOBAL: PushGlobal(_stack.Pop(2, _input.Site)); break;
            case PickleOpcode.REDUCE: Reduce(); break;
            case PickleOpcode.BUILD: Build(); break;
            case PickleOpcode.BINPERSID: LoadPersistent(); break;
            case PickleOpcode.BINGET: Recall(_input.ReadByte()); break;
            case PickleOpcode.LONG_BINGET: Recall(_input.ReadUInt32()); break;
            case PickleOpcode.BINPUT: _memo[_input.ReadByte()] = _stack.Peek(_input.Site); break;
            case PickleOpcode.LONG_BINPUT: _memo[_input.ReadUInt32()] = _stack.Peek(_input.Site); break;
            case PickleOpcode.MEMOIZE: _memo[(uint)_memo.Count] = _stack.Peek(_input.Site); break;
            // A frame only says how much to read at once.
            case PickleOpcode.FRAME: RequireFrame(_input.ReadUInt64()); break;
            default: throw Refused(opcode);
        }
    }

    private InvalidDataException Refused(PickleOpcode opcode)
    {
        var name = Enum.IsDefined(opcode) ? $"{opcode} (0x{(byte)opcode:x2})" : $"0x{(byte)opcode:x2}";
        return _input.Site.Invalid($"the pickle has the instruction {name}, which is not among those that build plain values and tensors");
    }

    private void Append(object?[] items)
    {
        if (_stack.Peek(_input.Site) is not PickleList list)
            throw _input.Site.Invalid($"items are appended to {PickleObject.KindOf(_stack.Peek(_input.Site))}, not to a list");
        list.Items.AddRange(items);
    }

    private void SetItems(object?[] keysAndValues)
    {
        if (_stack.Peek(_input.Site) is not PickleDictionary dictionary)
            throw _input.Site.Invalid($"items are set in {PickleObject.KindOf(_stack.Peek(_input.Site))}, not in a dict");
        if (keysAndValues.Length % 2 != 0)
            throw _input.Site.Invalid("a key has no value");
        for (var i = 0; i < keysAndValues.Length; i += 2)
        {
            if (keysAndValues[i] is not (string or BigInteger))
                throw _input.Site.Invalid($"a dict has {PickleObject.KindOf(keysAndValues[i])} as a key, not a str or an int");
            dictionary.Items[keysAndValues[i]!] = keysAndValues[i + 1];
        }
    }

    private void PushGlobal(object?[] moduleAndName)
    {
        if (moduleAndName is not [string module, string name])
            throw _input.Site.Invalid("the module and the name of a global are not texts");
        PushGlobal(module, name);
    }

    private void PushGlobal(string module, string name)
    {
        if (!_globals.TryGetValue($"{module}.{name}", out var global))
        {
            throw _input.Site.Invalid(
                $"the pickle asks for the global '{Excerpt.Text($"{module}.{name}")}', which is not allowed; allowed are " +
                string.Join(", ", _globals.Keys.Order(StringComparer.Ordinal)));
        }

        _stack.Push(global);
    }

    private void Reduce()
    {
        var operands = _stack.Pop(2, _input.Site);
        if (operands is not [PickleGlobal function, PickleTuple arguments])
            throw _input.Site.Invalid($"{PickleObject.KindOf(operands[0])} is called with {PickleObject.KindOf(operands[1])}");
        _stack.Push(function.Call(new PickleArguments(function.Name, arguments, _input.Site)));
    }

    /// <summary>
    /// State dicts carry the versions of their modules as an attribute of the OrderedDict; nothing here needs them, so the
    /// attributes are dropped.
    /// </summary>
    private void Build()
    {
        var state = _stack.Pop(_input.Site);
        if (_stack.Peek(_input.Site) is not PickleDictionary { IsOrderedDict: true } || state is not PickleDictionary)
        {
            throw _input.Site.Invalid(
                $"BUILD sets the state of {PickleObject.KindOf(_stack.Peek(_input.Site))} to {PickleObject.KindOf(state)}; " +
                "only an OrderedDict may have attributes, in a dict");
        }
    }

    private void LoadPersistent()
    {
        if (_stack.Pop(_input.Site) is not PickleTuple id)
            throw _input.Site.Invalid("a persistent id is not a tuple");
        _stack.Push(_loadPersistent(new PickleArguments("a persistent id", id, _input.Site)));
    }

    private void Recall(uint index)
    {
        if (!_memo.TryGetValue(index, out var value))
            throw _input.Site.Invalid($"the pickle recalls value {index}, which it has not kept");
        _stack.Push(value);
    }

    private void RequireFrame(ulong bytes)
    {
        if (bytes > (ulong)_input.Remaining)
            throw _input.Site.Invalid($"a frame claims {bytes} bytes, but the pickle ends after {_input.Remaining}");
    }
}
