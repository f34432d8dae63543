import epochlog; epochlog.autolog()

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(0)
X, y = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y))
train, val, test = random_split(data, [1200, 300, 297])
train_loader = DataLoader(train, batch_size=64, shuffle=True)
val_loader, test_loader = DataLoader(val, batch_size=300), DataLoader(test, batch_size=300)

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 10))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12)
criterion = nn.CrossEntropyLoss()


def evaluate(loader):
    model.eval()
    loss, hits = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            logits = model(x)
            loss += criterion(logits, y).item() * len(x)
            hits += (logits.argmax(1) == y).sum().item()
    return loss / len(loader.dataset), hits / len(loader.dataset)


best = float("inf")
for epoch in range(12):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    scheduler.step()
    val_loss, accuracy = evaluate(val_loader)
    print(f"epoch {epoch:2}: val loss {val_loss:.4f}, accuracy {accuracy:.3f}")
    if val_loss < best:
        best = val_loss
        torch.save({"model": model.state_dict(), "epoch": epoch, "val_loss": best}, "best.pt")

test_loss, accuracy = evaluate(test_loader)
print(f"test loss {test_loss:.4f}, accuracy {accuracy:.3f}")
