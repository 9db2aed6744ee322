[Layer]
public partial record Gate(bool Open)
{
    public Tensor Forward(Tensor x) => Open is true ? x : -x; // MD0201
}
